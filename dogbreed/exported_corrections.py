"""The folders and files of `manage.py corrections export`, which `manage.py retrain` reads."""

BREEDS = "breeds"  # photos of breeds that the model knows, in one folder for each
OTHER_BREEDS = "other_breeds"  # photos of other breeds, likewise
NOT_A_DOG = "not_a_dog"
WITHDRAWN_FILE = "withdrawn.csv"  # of each photo that visitors have withdrawn since an earlier export: answer, path
