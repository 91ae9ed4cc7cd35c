#pragma once

#include <memory>

#include "sync/base/ids.h"
#include "sync/base/result.h"

namespace khuoi::sync {

class RecordModel;
class ZstdDictionary;

/// What both ends know before a record is read: codec version, word prior, one form's exact octets, a dictionary.
/// Shared by all records that name its hash, and by the cache that keeps it. Logically immutable: what a record
/// teaches is rolled back before a call returns; therefore one thread at a time may use one model.
class Model final {
 public:
  /// Both may be empty; with both empty it is the base model, which every node has.
  /// Errors: malformed or too_large (the dictionary).
  static Result<std::shared_ptr<const Model>> make(ByteView form_xml, ByteView dictionary_octets);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] ModelHash hash() const { return hash_; }
  /// The hash make() would give, without the work of making the model.
  static ModelHash hash_of(ByteView form_xml, ByteView dictionary_octets);

  /// The parts, for codec.cpp.
  [[nodiscard]] const ZstdDictionary& zstd() const { return *zstd_; }
  [[nodiscard]] RecordModel& records() const { return *records_; }
  /// Memory this model holds.
  [[nodiscard]] std::size_t octets_used() const;

 private:
  Model();
  ModelHash hash_;
  std::unique_ptr<ZstdDictionary> zstd_;
  std::unique_ptr<RecordModel> records_;
};

}  // namespace khuoi::sync
