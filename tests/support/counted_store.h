#pragma once

#include <array>
#include <string>

#include "sync/store/store.h"

namespace khuoi::tests {

/// A store over another one, which counts the rows that its transactions touch: each look-up, each row that a walk visits,
/// each search for a greatest key.
class CountedStore final : public sync::Store {
 public:
  explicit CountedStore(sync::Store& inner) : inner_(inner) {}

  Result<std::unique_ptr<sync::ReadTxn>> begin_read() const override {
    KHUOI_TRY(auto txn, inner_.begin_read());
    return std::unique_ptr<sync::ReadTxn>(std::make_unique<Reading>(std::move(txn), rows_));
  }
  Result<std::unique_ptr<sync::WriteTxn>> begin_write() override {
    KHUOI_TRY(auto txn, inner_.begin_write());
    return std::unique_ptr<sync::WriteTxn>(std::make_unique<Writing>(std::move(txn), rows_));
  }
  [[nodiscard]] sync::StoreUsage usage() const override { return inner_.usage(); }

  /// Touched since the last call.
  std::uint64_t take_rows() {
    const Rows taken = std::exchange(rows_, {});
    taken_.clear();
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      out += taken[i];
      if (taken[i] != 0) taken_ += std::string(sync::name_of(static_cast<sync::Table>(i))) + " " + std::to_string(taken[i]) + ", ";
    }
    return out;
  }
  /// How many of the last take_rows() were of which table.
  [[nodiscard]] const std::string& by_table() const { return taken_; }

 private:
  using Rows = std::array<std::uint64_t, sync::table_count>;
  template <typename Base>
  class Counting : public Base {
   public:
    Counting(std::unique_ptr<Base> inner, Rows& rows) : inner_(std::move(inner)), rows_(rows) {}
    [[nodiscard]] Result<std::optional<ByteView>> get(sync::Table table, ByteView key) const override {
      ++rows_[static_cast<std::size_t>(table)];
      return inner_->get(table, key);
    }
    [[nodiscard]] Result<void> scan(sync::Table table, ByteView first,
                                    const sync::ReadTxn::EntryVisitor& visit) const override {
      return inner_->scan(table, first, [&](ByteView key, ByteView value) {
        ++rows_[static_cast<std::size_t>(table)];
        return visit(key, value);
      });
    }
    [[nodiscard]] Result<std::optional<sync::ReadTxn::Entry>> last_up_to(sync::Table table, ByteView key) const override {
      ++rows_[static_cast<std::size_t>(table)];
      return inner_->last_up_to(table, key);
    }
    [[nodiscard]] Result<std::uint64_t> entries(sync::Table table) const override { return inner_->entries(table); }

   protected:
    std::unique_ptr<Base> inner_;
    Rows& rows_;
  };
  class Reading final : public Counting<sync::ReadTxn> {
   public:
    using Counting::Counting;
  };
  class Writing final : public Counting<sync::WriteTxn> {
   public:
    using Counting::Counting;
    [[nodiscard]] Result<void> put(sync::Table table, ByteView key, ByteView value) override {
      return inner_->put(table, key, value);
    }
    [[nodiscard]] Result<void> erase(sync::Table table, ByteView key) override { return inner_->erase(table, key); }
    [[nodiscard]] Result<void> commit() override { return inner_->commit(); }
  };

  sync::Store& inner_;
  mutable Rows rows_{};
  std::string taken_;
};

}  // namespace khuoi::tests
