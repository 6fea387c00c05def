"""SQL that turns delivered text into exact numbers and UTC times; nothing is guessed.

Numbers become DECIMAL(38,18). A value that needs more than 18 decimals or 20 whole
digits is told apart from one that fits, so that it can be refused instead of rounded.
"""

NUMBER = "DECIMAL(38, 18)"

NULL_TEXTS = ("", "NULL", "null", "(null)")

MACROS = (
    # $1,234.50 and the like: currency sign, thousands separators, blanks around
    r"""CREATE MACRO tidied(v) AS CASE
        WHEN regexp_full_match(v,
            '\s*-?\s*[$€£¥]?\s*-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?\s*')
        THEN regexp_replace(v, '[$€£¥,\s]', '', 'g') END""",
    # whole digits, decimals and exponent of a number; all empty where it is none
    r"""CREATE MACRO parts(v) AS regexp_extract(v,
        '^\s*[-+]?(\d*)\.?(\d*)(?:[eE]([-+]?\d{1,4}))?\s*$', ['i', 'f', 'e'])""",
    # 1.5e-7 written out; the cast gives up where the digits alone would overflow
    r"""CREATE MACRO shifted(digits, point) AS CASE
        WHEN abs(point) > 80 THEN NULL
        WHEN point <= 0 THEN '0.' || repeat('0', -point) || digits
        WHEN point >= length(digits)
        THEN digits || repeat('0', point - length(digits))
        ELSE substr(digits, 1, point) || '.' || substr(digits, point + 1) END""",
    # lambdas name a value once: a macro would repeat its SQL wherever it is used
    r"""CREATE MACRO unfolded(v) AS list_transform([parts(v)], lambda p:
        CASE WHEN p.e <> '' AND p.i || p.f <> ''
        THEN CASE WHEN starts_with(ltrim(v), '-') THEN '-' ELSE '' END
            || shifted(p.i || p.f, length(p.i) + TRY_CAST(p.e AS INTEGER)) END)[1]""",
    f"""CREATE MACRO spelled(v) AS COALESCE(
        TRY_CAST(tidied(v) AS {NUMBER}), TRY_CAST(unfolded(v) AS {NUMBER}))""",
    f"""CREATE MACRO number(v) AS COALESCE(TRY_CAST(v AS {NUMBER}), spelled(v))""",
    r"""CREATE MACRO decimals(p) AS
        CASE WHEN rtrim(p.f, '0') <> '' THEN length(rtrim(p.f, '0'))
             ELSE length(rtrim(p.i, '0')) - length(p.i) END
        - COALESCE(TRY_CAST(p.e AS INTEGER), 0)""",
    r"""CREATE MACRO fits(v) AS list_transform([parts(COALESCE(tidied(v), v))], lambda p:
        p.i || p.f <> '' AND (ltrim(p.i || p.f, '0') = '' OR decimals(p) <= 18))[1]""",
    # the cast to TIMESTAMP ignores an offset and reads 5/1/25 as the year 5
    r"""CREATE MACRO moment(v) AS CASE
        WHEN length(v) = 20 AND ends_with(v, 'Z') OR length(v) = 19 AND v LIKE '____-%'
        THEN TRY_CAST(v AS TIMESTAMP)
        WHEN contains(v, '/')
        THEN CAST(TRY_STRPTIME(trim(v), ['%m/%d/%y', '%m/%d/%Y',
            '%m/%d/%Y %H:%M', '%m/%d/%Y %H:%M:%S']) AS TIMESTAMP)
        WHEN v LIKE '____-__-__%'
        THEN CAST(TRY_CAST(trim(v) AS TIMESTAMPTZ) AS TIMESTAMP) END""",
    # months of a zone east of UTC begin up to 14 hours before the UTC month
    """CREATE MACRO month_of(t) AS CAST(date_trunc('month', t + INTERVAL 14 HOUR) AS DATE)""",
)

LONG = 19
ODD = r"\d{19}"
"""Digits in a row that DuckDB's cast might round; with fewer bytes there are none."""

TRUSTED_YEARS = "BETWEEN TIMESTAMP '2000-01-01' AND TIMESTAMP '2100-01-01'"


def null_if_text(expression: str) -> str:
    """Return SQL that reads the texts for null as null."""
    listed = ", ".join(f"'{value}'" for value in NULL_TEXTS)
    return f"CASE WHEN {expression} IN ({listed}) THEN NULL ELSE {expression} END"


def plain(raw: str) -> str:
    """Return SQL that casts the usual spelling of a number; others become null."""
    return f"TRY_CAST({raw} AS {NUMBER})"


def each(macro: str, raws: list[str], *, when: str) -> str:
    """Return SQL that applies a macro to all numbers of the few rows that need it.

    Written as a list, so that the long macro is planned once and not per column.
    """
    if not raws:
        return "NULL"
    listed = ", ".join(raws)
    return f"CASE WHEN {when} THEN list_transform([{listed}], lambda v: {macro}(v)) END"


def is_rejected_time(raw: str, typed: str) -> str:
    """Return SQL telling that a time is there and cannot be understood."""
    return f"{raw} IS NOT NULL AND ({typed} IS NULL OR NOT {typed} {TRUSTED_YEARS})"


def is_untrusted(typed: str) -> str:
    """Return SQL telling that a time is there and lies outside the years we trust."""
    return f"NOT {typed} {TRUSTED_YEARS}"


def odd(raws: list[str]) -> str:
    """Return SQL telling whether one of the row's numbers deserves a closer look."""
    if not raws:
        return "FALSE"
    joined = f"concat_ws(' ', {', '.join(raws)})"
    longest = f"greatest({', '.join(f'strlen({raw})' for raw in raws)})"
    signs = " OR ".join(f"contains({joined}, '{sign}')" for sign in "eE_")
    return (
        f"CASE WHEN {signs} THEN TRUE WHEN {longest} >= {LONG} "
        f"THEN regexp_matches({joined}, '{ODD}') ELSE FALSE END"
    )
