#pragma once

#include "storage/lmdb_env.h"

namespace khuoi::storage {

/// A read transaction; aborted when dropped. It borrows the environment, which outlives it.
/// Views point into the map: they die with it, and are not aligned.
class LmdbReadTxn final : public sync::ReadTxn {
 public:
  static Result<std::unique_ptr<sync::ReadTxn>> begin(LmdbEnv& env);
  ~LmdbReadTxn() override;
  LmdbReadTxn(const LmdbReadTxn&) = delete;
  LmdbReadTxn& operator=(const LmdbReadTxn&) = delete;

  Result<std::optional<ByteView>> get(sync::Table table, ByteView key) const override;
  Result<void> scan(sync::Table table, ByteView first, const EntryVisitor& visit) const override;
  Result<std::optional<Entry>> last_up_to(sync::Table table, ByteView key) const override;
  Result<std::uint64_t> entries(sync::Table table) const override;

 private:
  LmdbReadTxn(LmdbEnv& env, MDB_txn* txn) : env_(env), txn_(txn) {}
  LmdbEnv& env_;
  MDB_txn* txn_;
};

/// The write transaction; aborted when dropped without commit().
class LmdbWriteTxn final : public sync::WriteTxn {
 public:
  static Result<std::unique_ptr<sync::WriteTxn>> begin(LmdbEnv& env);
  ~LmdbWriteTxn() override;
  LmdbWriteTxn(const LmdbWriteTxn&) = delete;
  LmdbWriteTxn& operator=(const LmdbWriteTxn&) = delete;

  Result<std::optional<ByteView>> get(sync::Table table, ByteView key) const override;
  Result<void> scan(sync::Table table, ByteView first, const EntryVisitor& visit) const override;
  Result<std::optional<Entry>> last_up_to(sync::Table table, ByteView key) const override;
  Result<std::uint64_t> entries(sync::Table table) const override;
  Result<void> put(sync::Table table, ByteView key, ByteView value) override;
  Result<void> erase(sync::Table table, ByteView key) override;
  Result<void> commit() override;

 private:
  LmdbWriteTxn(LmdbEnv& env, MDB_txn* txn) : env_(env), txn_(txn) {}
  Error spoil(int rc, const char* doing, sync::Table table);
  LmdbEnv& env_;
  MDB_txn* txn_;
  std::optional<Error> spoiled_;  ///< the first failed change: LMDB would then refuse the commit, without the reason
};

}  // namespace khuoi::storage
