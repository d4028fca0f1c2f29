"""tools/flights.py FLIGHTS.csv.zip FLIGHTS.parquet: the demo's data set, turned once into Parquet."""

import sys
import zipfile

import pyarrow.csv
import pyarrow.parquet


def main(source, target):
    with zipfile.ZipFile(source) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".csv"))
        with archive.open(name) as file:
            table = pyarrow.csv.read_csv(
                file, convert_options=pyarrow.csv.ConvertOptions(
                    null_values=["", "NA"], strings_can_be_null=True))
    table = table.drop_columns([n for n in table.column_names if n == ""])
    pyarrow.parquet.write_table(table, target, compression="zstd", row_group_size=65536)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
