"""Tables in Parquet, with what was run in the metadata of the schema."""

import io
import json

_CONFIG = "sklearn_depth study"


def write_parquet(columns, config, file):
    """Write columns and the configuration."""
    import pyarrow as pa
    from pyarrow import parquet

    # NumPy's strings would end at a NUL.
    words = {k: c.tolist() for k, c in columns.items() if c.dtype.kind == "U"}
    columns = columns | {name: pa.array(c, pa.string()) for name, c in words.items()}
    metadata = {_CONFIG: json.dumps(config)}
    table = pa.table(columns).replace_schema_metadata(metadata)
    parquet.write_table(table, file, write_page_checksum=True)


def read_parquet(path):
    """Columns and configuration."""
    import pyarrow as pa
    from pyarrow import parquet

    content = io.BytesIO(path.read_bytes())  # what fails from here on is no disk
    try:
        table = parquet.read_table(content, page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(f"{error}.") from error
    config = json.loads((table.schema.metadata or {}).get(_CONFIG.encode(), b"{}"))
    if not isinstance(config, dict):
        raise ValueError("its configuration is not what was written.")
    return {name: table[name].to_numpy() for name in table.column_names}, config
