// The layouts whose rows point at their values in any order: list views, unions, runs. Each check
// here binds the column itself, and says which rows of its children are in use.
#pragma once

#include <array>
#include <cstdint>

#include "columnar/source.h"

namespace kinesink::columnar {

// Offsets and sizes: inside the items, for rows that are live. Returns the range that holds all
// items in use; what lies between lists may hold garbage.
// https://arrow.apache.org/docs/format/Columnar.html#listview-layout
template <typename Offset>
Result<Column::Range> bind_list_views(const Source& source, Column& column);

// By child, the rows in use of a dense union's.
using UnionRanges = std::array<Column::Range, 128>;

// Type ids: of a child, for rows that are live. Of a dense union also the offsets: inside the
// child; they need not rise, so that a row may be repeated or moved.
// https://arrow.apache.org/docs/format/Columnar.html#union-layout
Result<void> bind_union(const Source& source, Column& column, UnionRanges& ranges);

// Run ends: rising, from the run of the first row to that of the last, which must be there. Returns
// these runs. https://arrow.apache.org/docs/format/Columnar.html#run-end-encoded-layout
Result<Column::Range> bind_runs(const Source& source, Column& column);

}  // namespace kinesink::columnar
