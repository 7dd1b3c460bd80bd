"""How records of other systems are read: the language, the files, and those that are shipped.

`language` is the shape, `table` and `load` make it of TOML, `shipped` lists what comes with the
package. The files are data: adding one needs no code.
"""
