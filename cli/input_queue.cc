#include "cli/input_queue.h"

#include <algorithm>
#include <utility>

namespace kinesink::cli {
namespace {

// So many parts for each thread that their ends come close together.
constexpr std::size_t kPartsPerThread = 8;

}  // namespace

struct InputQueue::Part {
  std::size_t input = 0;
  RowRange rows;  // of the input

  std::mutex mutex;  // guards what follows
  std::unique_ptr<Input> reader;
  bool ended = false;
};

InputQueue::InputQueue(std::vector<std::string> names, std::vector<RowRanges> settled, int stop,
                       bool dead_letters)
    : names_(std::move(names)),
      settled_(std::move(settled)),
      stop_(stop),
      dead_letters_(dead_letters) {}

InputQueue::~InputQueue() = default;

Result<std::unique_ptr<InputQueue>> InputQueue::open(std::vector<std::string> names,
                                                     std::vector<RowRanges> settled, int threads,
                                                     int stop, bool dead_letters) {
  settled.resize(names.size());
  std::unique_ptr<InputQueue> queue(
      new InputQueue(std::move(names), std::move(settled), stop, dead_letters));
  for (const std::string& name : queue->names_) {
    KINESINK_TRY(check_input(name, dead_letters));
  }
  KINESINK_TRY(queue->split(threads));
  return queue;
}

// Neighbouring row groups are joined where there are many.
Result<void> InputQueue::split(int threads) {
  const std::size_t wanted = kPartsPerThread * static_cast<std::size_t>(threads);
  for (std::size_t input = 0; input < names_.size(); ++input) {
    RowRanges pieces = {{0, kAllRows}};
    if (threads > 1 && !dead_letters_) {
      KINESINK_ASSIGN(RowRanges groups, row_groups(names_[input]));
      if (!groups.empty()) pieces = std::move(groups);
    }
    const std::size_t joined = (pieces.size() + wanted - 1) / wanted;
    for (std::size_t piece = 0; piece < pieces.size(); piece += joined) {
      const std::size_t last = std::min(piece + joined, pieces.size()) - 1;
      parts_.push_back(std::make_unique<Part>());
      parts_.back()->input = input;
      parts_.back()->rows = {pieces[piece].begin, pieces[last].end};
    }
  }
  return {};
}

InputQueue::Part* InputQueue::choose() {
  if (next_part_ < parts_.size()) {
    const std::size_t part = next_part_++;
    if (part < parts_.size()) return parts_[part].get();
  }
  for (const auto& part : parts_) {
    const std::lock_guard lock(part->mutex);
    if (!part->ended) return part.get();
  }
  return nullptr;
}

Result<void> InputQueue::open_part(Part& part) {
  const RowRanges& settled = settled_[part.input];
  const RowRanges wanted = without(part.rows, settled);
  if (wanted.empty()) {
    part.ended = true;
    return {};
  }
  KINESINK_ASSIGN(part.reader,
                  Input::open(names_[part.input], {.stop = stop_,
                                                   .dead_letters = dead_letters_,
                                                   .rows = {wanted.front().begin, part.rows.end}}));
  if (!part.reader->row_count()) {
    knows_row_count_ = false;
    return {};
  }
  const RowRange all{part.rows.begin, std::min(part.rows.end, *part.reader->row_count())};
  for (const RowRange& range : without(all, settled)) row_count_ += range.end - range.begin;
  return {};
}

Result<std::optional<InputQueue::Rows>> InputQueue::read(Part& part) {
  const std::lock_guard lock(part.mutex);
  if (!part.ended && part.reader == nullptr) {
    Result<void> opened = open_part(part);
    if (!opened) {
      part.ended = true;
      return std::move(opened).error();
    }
  }
  if (part.ended) return std::optional<Rows>();
  Result<std::shared_ptr<arrow::RecordBatch>> batch = part.reader->next();
  part.ended = !batch || *batch == nullptr;
  if (!batch) return std::move(batch).error();
  if (!part.ended) return std::optional<Rows>({*batch, part.input, part.reader->position()});
  part.reader.reset();
  return std::optional<Rows>();
}

Result<std::optional<InputQueue::Rows>> InputQueue::Reader::next() {
  while (wanted_.empty()) {
    if (part_ == nullptr) part_ = queue_.choose();
    if (part_ == nullptr) return std::optional<Rows>();
    KINESINK_ASSIGN(std::optional<Rows> rows, queue_.read(*part_));
    if (!rows) {
      part_ = nullptr;
      continue;
    }
    read_ = *std::move(rows);
    const std::int64_t end = read_.first_row + read_.batch->num_rows();
    wanted_ = without({read_.first_row, end}, queue_.settled_[read_.input]);
  }
  const RowRange range = wanted_.front();
  wanted_.erase(wanted_.begin());
  return std::optional<Rows>(
      {read_.batch->Slice(range.begin - read_.first_row, range.end - range.begin), read_.input,
       range.begin});
}

std::optional<std::int64_t> InputQueue::row_count() const {
  if (!knows_row_count_) return std::nullopt;
  return row_count_;
}

}  // namespace kinesink::cli
