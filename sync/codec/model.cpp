#include "sync/codec/model.h"

#include "sync/codec/dictionary.h"
#include "sync/codec/prior.h"
#include "sync/codec/record_model.h"
#include "sync/codec/zstd_dictionary.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {
namespace {

constexpr std::uint8_t codec_version = 1;

/// The earliest time in any leaf; times of a record are counted from it.
std::optional<std::int64_t> first_ms(const Dictionary& dictionary) {
  std::optional<std::int64_t> first;
  for (const Bytes& submission : dictionary.submissions) {
    XmlPieces pieces(text_of(submission));
    for (Piece piece; pieces.next(piece);) {
      const auto time = parse_date_time(piece.value);
      if (time && (!first || time->ms < *first)) first = time->ms;
    }
  }
  return first;
}

}  // namespace

Model::Model() = default;
Model::~Model() = default;

ModelHash Model::hash_of(ByteView form_xml, ByteView dictionary_octets) {
  Bytes head;
  Writer(head).u8(codec_version).u64(form_xml.size());
  const Bytes digest = Blake2b(32).add(head).add(view_of(word_prior())).add(form_xml).add(dictionary_octets).finish();
  return *ModelHash::from(ByteView(digest).first(ModelHash::octets));
}

Result<std::shared_ptr<const Model>> Model::make(ByteView form_xml, ByteView dictionary_octets) {
  KHUOI_TRY(const Dictionary dictionary, Dictionary::decode(dictionary_octets));
  const std::shared_ptr<Model> model(new Model);
  model->hash_ = hash_of(form_xml, dictionary_octets);
  Bytes content;
  for (const Bytes& submission : dictionary.submissions) {
    content.insert(content.end(), submission.begin(), submission.end());
  }
  content.insert(content.end(), form_xml.begin(), form_xml.end());
  model->zstd_ = std::make_unique<ZstdDictionary>(content);

  model->records_ = std::make_unique<RecordModel>();
  RecordModel& records = *model->records_;
  records.learn_words(word_prior());
  if (!form_xml.empty()) records.learn_form(read_form_hints(text_of(form_xml)));
  if (const auto ms = first_ms(dictionary)) records.set_base_ms(*ms);
  for (const Bytes& submission : dictionary.submissions) records.learn_submission(text_of(submission));
  records.freeze();
  return std::shared_ptr<const Model>(model);
}

std::size_t Model::octets_used() const { return records_->octets_used() + zstd_->octets_used(); }

}  // namespace khuoi::sync
