#pragma once

#include <lmdb.h>

#include <memory>

#include "sync/base/bytes.h"

namespace khuoi::storage {

inline MDB_val val_of(ByteView octets) { return {octets.size(), const_cast<std::uint8_t*>(octets.data())}; }
inline ByteView view_of_val(const MDB_val& val) { return {static_cast<const std::uint8_t*>(val.mv_data), val.mv_size}; }

/// An open cursor; closed with its owner, which must be before its transaction ends. What it returns is LMDB's own code.
class LmdbCursor final {
 public:
  explicit LmdbCursor(MDB_cursor* cursor) : cursor_(cursor, &mdb_cursor_close) {}
  int move(MDB_val& key, MDB_val& value, MDB_cursor_op op) { return mdb_cursor_get(cursor_.get(), &key, &value, op); }
  /// To the first entry not before `from`. LMDB knows no empty key, so an empty one means the very first entry.
  int seek(ByteView from, MDB_val& key, MDB_val& value) {
    key = val_of(from);
    return move(key, value, from.empty() ? MDB_FIRST : MDB_SET_RANGE);
  }

 private:
  std::unique_ptr<MDB_cursor, decltype(&mdb_cursor_close)> cursor_;
};

}  // namespace khuoi::storage
