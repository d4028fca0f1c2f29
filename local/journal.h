// The file behind `kinesink local --data-dir`: what the server has acknowledged outlives it.
//
// One file of frames, each what one request has changed: size, CRC-32 of the entries, CRC-32 of
// these two (4 bytes each), entries (journal_codec.h). A frame is written before its request is
// answered. A frame that is cut off at the end of the file was never acknowledged, and is dropped.
// When the file is much larger than what is kept, it is written anew and replaced as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "kinesink/result.h"
#include "local/journal_codec.h"
#include "local/store.h"

namespace kinesink::local {

struct DataFolder {
  std::string path = {};
  bool sync =
      false;  // every frame is synced: what is acknowledged outlives the machine's power too
};

// One thread at a time.
class Journal {
 public:
  // Locks the folder, which is made if it is not there, and fills `store`, which is empty. `note`
  // says if an unfinished frame was dropped. resource, invalid_argument (in use by another server),
  // invalid_data (the file is damaged, and where).
  static Result<std::unique_ptr<Journal>> open(const DataFolder& folder, Store& store,
                                               std::string& note);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // What the request at hand changes.
  EntryWriter& entries() { return entries_; }
  // Writes that. After an error it stays, to be written by the next call: nothing must be answered
  // or changed before that has succeeded. `store`: for writing the file anew.
  Result<void> commit(const Store& store);

  std::uint64_t file_size() const { return size_; }

 private:
  Journal(std::string path, bool sync, int lock)
      : path_(std::move(path)), sync_(sync), lock_(lock) {}
  Result<void> replay(Store& store, std::string& note);
  Result<void> write_anew(const Store& store);
  Result<void> sync_folder() const;
  Error failed(const char* what) const;

  const std::string path_;  // of the file
  const bool sync_;
  int lock_;
  int file_ = -1;
  std::uint64_t size_ = 0;  // of the file, in whole frames
  std::uint64_t written_anew_at_ = 0;
  std::string pending_;  // entries of the frame to come
  EntryWriter entries_{pending_};
};

}  // namespace kinesink::local
