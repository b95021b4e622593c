"""How large an upload may be, packed and unpacked."""

MEBI = 2**20
MAX_BYTES = 200 * MEBI  # of the file itself
MAX_UNPACKED = 512 * MEBI  # of everything in it, and of the arrays made from it
MAX_RATIO = 200  # unpacked to packed size of one archive member
RATIO_FROM = MEBI  # smaller members may shrink as well as they like
MAX_FILES = 20_000
MAX_DIRECTORY = 8 * MEBI  # of an archive's table of contents
MAX_ROWS = 1_000_000
MAX_COLUMNS = 2_000
MAX_CELLS = 50_000_000
MAX_LINE = MEBI  # bytes of a CSV file's first line
MAX_CLASSES = 1_000
MAX_CATEGORIES = 20  # distinct texts of a column that becomes one-hot
MAX_TEXT = 200  # letters of a text in a table
MAX_HEADER = 10_000  # bytes of an array's header
MAX_PIXELS = 25_000_000  # of one picture
MAX_ALL_PIXELS = 2_000_000_000  # of all pictures
