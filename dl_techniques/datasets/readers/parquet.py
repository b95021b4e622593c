"""Tables from Parquet files."""

import io

from dl_techniques.datasets.errors import DatasetError
from dl_techniques.datasets.readers.limits import MAX_UNPACKED, MEBI
from dl_techniques.datasets.readers.parsed import Parsed, TaskChoice
from dl_techniques.datasets.readers.table import check_size, parse_table

_BATCH = 65_536


def read_parquet(data: bytes, name: str, label: str | None, task: TaskChoice) -> Parsed:
    """Reads a flat table, batch by batch so that its real size is watched."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(
            io.BytesIO(data),
            read_dictionary=_texts(data),
            thrift_string_size_limit=16 * MEBI,
            thrift_container_size_limit=1_000_000,
        )
        meta, schema = file.metadata, file.schema_arrow
        check_size(name, meta.num_rows, len(schema))
        claimed = sum(
            meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)
        )
        _check_bytes(name, claimed)
        for field in schema:
            if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
                raise DatasetError(
                    f"{name}: column {field.name!r} holds {field.type}, neither "
                    "numbers nor texts"
                )
        batches, rows, size = [], 0, 0
        for batch in file.iter_batches(batch_size=_BATCH):
            rows, size = rows + batch.num_rows, size + batch.nbytes
            check_size(name, rows, len(schema))
            _check_bytes(name, size)
            batches.append(batch)
        table = pa.Table.from_batches(batches).unify_dictionaries()
        frame = table.to_pandas(ignore_metadata=True)
    except DatasetError:
        raise
    except (pa.ArrowException, ValueError, OSError, MemoryError) as error:
        raise DatasetError(f"{name} is a damaged Parquet file: {error}") from error
    index = [c for c in frame.columns if str(c).startswith("__index_level_")]
    return parse_table(frame.drop(columns=index), name, label, task)


def _texts(data: bytes) -> list[str]:
    """Names the text columns, whose repeated values are then kept once."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(io.BytesIO(data))
    return [
        f.name
        for f in schema
        if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)
    ]


def _check_bytes(name: str, size: int) -> None:
    if size > MAX_UNPACKED:
        raise DatasetError(
            f"{name} unpacks to {size / MEBI:.0f} MB; at most {MAX_UNPACKED // MEBI} "
            "MB are allowed"
        )
