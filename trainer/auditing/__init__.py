"""What is wrong with labelled photos, as suggestions that a person may follow."""
