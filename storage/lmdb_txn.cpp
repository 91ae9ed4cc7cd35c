#include "storage/lmdb_txn.h"

#include "storage/lmdb_cursor.h"
#include "sync/base/check.h"

namespace khuoi::storage {
namespace {

constexpr std::size_t key_octets_max = 511;  // LMDB's MDB_MAXKEYSIZE

std::string reading(sync::Table table) { return "cannot read the table " + std::string(name_of(table)); }

Error over() { return fail(Errc::closed, "this transaction has ended"); }

Result<std::optional<ByteView>> get_in(const LmdbEnv& env, MDB_txn* txn, sync::Table table, ByteView key) {
  if (txn == nullptr) return over();
  const auto dbi = env.dbi(table);
  if (!dbi || key.empty()) return std::optional<ByteView>();
  env.count_rows(1);
  MDB_val key_val = val_of(key);
  MDB_val value{};
  const int rc = mdb_get(txn, *dbi, &key_val, &value);
  if (rc == MDB_NOTFOUND) return std::optional<ByteView>();
  if (rc != 0) return env.error(rc, reading(table));
  return std::optional<ByteView>(view_of_val(value));
}

Result<void> scan_in(const LmdbEnv& env, MDB_txn* txn, sync::Table table, ByteView first,
                     const sync::ReadTxn::EntryVisitor& visit) {
  if (txn == nullptr) return over();
  const auto dbi = env.dbi(table);
  if (!dbi) return {};
  MDB_cursor* raw = nullptr;
  if (const int rc = mdb_cursor_open(txn, *dbi, &raw); rc != 0) return env.error(rc, reading(table));
  LmdbCursor cursor(raw);
  MDB_val key{};
  MDB_val value{};
  int rc = cursor.seek(first, key, value);
  for (; rc == 0; rc = cursor.move(key, value, MDB_NEXT)) {
    env.count_rows(1);
    KHUOI_TRY(const sync::Walk walk, visit(view_of_val(key), view_of_val(value)));
    if (walk == sync::Walk::stop) return {};
  }
  if (rc != 0 && rc != MDB_NOTFOUND) return env.error(rc, reading(table));
  return {};
}

Result<std::optional<sync::ReadTxn::Entry>> last_up_to_in(const LmdbEnv& env, MDB_txn* txn, sync::Table table,
                                                          ByteView key) {
  using Found = std::optional<sync::ReadTxn::Entry>;
  if (txn == nullptr) return over();
  const auto dbi = env.dbi(table);
  if (!dbi || key.empty()) return Found();
  MDB_cursor* raw = nullptr;
  if (const int rc = mdb_cursor_open(txn, *dbi, &raw); rc != 0) return env.error(rc, reading(table));
  env.count_rows(1);
  LmdbCursor cursor(raw);
  MDB_val found{};
  MDB_val value{};
  int rc = cursor.seek(key, found, value);
  if (rc == MDB_NOTFOUND) {
    rc = cursor.move(found, value, MDB_LAST);
  } else if (rc == 0 && !equal(view_of_val(found), key)) {
    rc = cursor.move(found, value, MDB_PREV);
  }
  if (rc == MDB_NOTFOUND) return Found();
  if (rc != 0) return env.error(rc, reading(table));
  return Found(std::in_place, to_bytes(view_of_val(found)), to_bytes(view_of_val(value)));
}

Result<std::uint64_t> entries_in(const LmdbEnv& env, MDB_txn* txn, sync::Table table) {
  if (txn == nullptr) return over();
  const auto dbi = env.dbi(table);
  if (!dbi) return std::uint64_t{0};
  MDB_stat stat{};
  if (const int rc = mdb_stat(txn, *dbi, &stat); rc != 0) return env.error(rc, reading(table));
  return std::uint64_t{stat.ms_entries};
}

}  // namespace

Result<std::unique_ptr<sync::ReadTxn>> LmdbReadTxn::begin(LmdbEnv& env) {
  KHUOI_TRY(MDB_txn* const txn, env.begin(false));
  return std::unique_ptr<sync::ReadTxn>(new LmdbReadTxn(env, txn));
}

LmdbReadTxn::~LmdbReadTxn() { (void)env_.end(txn_, false, false); }

Result<std::optional<ByteView>> LmdbReadTxn::get(sync::Table table, ByteView key) const {
  return get_in(env_, txn_, table, key);
}
Result<void> LmdbReadTxn::scan(sync::Table table, ByteView first, const EntryVisitor& visit) const {
  return scan_in(env_, txn_, table, first, visit);
}
Result<std::optional<sync::ReadTxn::Entry>> LmdbReadTxn::last_up_to(sync::Table table, ByteView key) const {
  return last_up_to_in(env_, txn_, table, key);
}
Result<std::uint64_t> LmdbReadTxn::entries(sync::Table table) const { return entries_in(env_, txn_, table); }

Result<std::unique_ptr<sync::WriteTxn>> LmdbWriteTxn::begin(LmdbEnv& env) {
  KHUOI_TRY(MDB_txn* const txn, env.begin(true));
  return std::unique_ptr<sync::WriteTxn>(new LmdbWriteTxn(env, txn));
}

LmdbWriteTxn::~LmdbWriteTxn() {
  if (txn_ != nullptr) (void)env_.end(txn_, true, false);
}

Result<std::optional<ByteView>> LmdbWriteTxn::get(sync::Table table, ByteView key) const {
  return get_in(env_, txn_, table, key);
}
Result<void> LmdbWriteTxn::scan(sync::Table table, ByteView first, const EntryVisitor& visit) const {
  return scan_in(env_, txn_, table, first, visit);
}
Result<std::optional<sync::ReadTxn::Entry>> LmdbWriteTxn::last_up_to(sync::Table table, ByteView key) const {
  return last_up_to_in(env_, txn_, table, key);
}
Result<std::uint64_t> LmdbWriteTxn::entries(sync::Table table) const { return entries_in(env_, txn_, table); }

Error LmdbWriteTxn::spoil(int rc, const char* doing, sync::Table table) {
  Error error = env_.error(rc, doing + std::string(name_of(table)));
  if (!spoiled_) spoiled_ = error;
  return error;
}

Result<void> LmdbWriteTxn::put(sync::Table table, ByteView key, ByteView value) {
  if (txn_ == nullptr) return over();
  if (key.empty()) return fail(Errc::malformed, "the table " + std::string(name_of(table)) + " takes no empty key");
  if (key.size() > key_octets_max) {
    return fail(Errc::too_large, "a key of the table " + std::string(name_of(table)) + " has " +
                                     std::to_string(key.size()) + " octets, 511 fit");
  }
  const auto dbi = env_.dbi(table);
  KHUOI_CHECK(dbi.has_value());  // a writable environment has every table
  MDB_val key_val = val_of(key);
  MDB_val value_val = val_of(value);
  if (const int rc = mdb_put(txn_, *dbi, &key_val, &value_val, 0); rc != 0) return spoil(rc, "cannot write to ", table);
  return {};
}

Result<void> LmdbWriteTxn::erase(sync::Table table, ByteView key) {
  if (txn_ == nullptr) return over();
  const auto dbi = env_.dbi(table);
  KHUOI_CHECK(dbi.has_value());
  if (key.empty()) return {};
  MDB_val key_val = val_of(key);
  const int rc = mdb_del(txn_, *dbi, &key_val, nullptr);
  if (rc != 0 && rc != MDB_NOTFOUND) return spoil(rc, "cannot erase from ", table);
  return {};
}

Result<void> LmdbWriteTxn::commit() {
  if (txn_ == nullptr) return over();
  MDB_txn* const txn = std::exchange(txn_, nullptr);
  if (spoiled_) {
    (void)env_.end(txn, true, false);
    return *spoiled_;
  }
  return env_.end(txn, true, true);
}

}  // namespace khuoi::storage
