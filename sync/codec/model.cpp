#include "sync/codec/model.h"

#include "sync/codec/dictionary.h"
#include "sync/codec/zstd_dictionary.h"
#include "sync/seal/hash.h"

namespace khuoi::sync {
namespace {

constexpr std::uint8_t codec_version = 1;

}  // namespace

Model::Model() = default;
Model::~Model() = default;

ModelHash Model::hash_of(ByteView form_xml, ByteView dictionary_octets) {
  Bytes head;
  Writer(head).u8(codec_version).u64(form_xml.size());
  const Bytes digest = Blake2b(32).add(head).add(form_xml).add(dictionary_octets).finish();
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
  return std::shared_ptr<const Model>(model);
}

}  // namespace khuoi::sync
