"""The mutation score: what notices that a rule was changed."""
