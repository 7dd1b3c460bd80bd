"""A file of another system read into observations.

`row`, `rows` and `tabular` make rows of a file, `values` and `times` make facts of fields,
`interpret` makes an observation of a row, `record` a record of all, `choose` finds the mapping.
"""
