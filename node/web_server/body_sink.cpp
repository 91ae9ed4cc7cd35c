#include "node/web_server/body_sink.h"

#include "sync/files/files.h"

namespace khuoi::http {

namespace {

Error too_much(std::uint64_t octets_max) {
  return fail(Errc::too_large, "the request's body is larger than " + std::to_string(octets_max) + " octets");
}

class NoBody final : public BodySink {
 public:
  Result<void> feed(ByteView octets) override { return octets.empty() ? Result<void>() : Result<void>(too_much(0)); }
  Result<void> finish(Request&) override { return {}; }
};

class MemoryBody final : public BodySink {
 public:
  explicit MemoryBody(std::uint64_t octets_max) : octets_max_(octets_max) {}
  Result<void> feed(ByteView octets) override {
    if (octets.size() > octets_max_ - body_.size()) return too_much(octets_max_);
    append(body_, octets);
    return {};
  }
  Result<void> finish(Request& request) override {
    request.body = std::move(body_);
    return {};
  }

 private:
  std::uint64_t octets_max_;
  Bytes body_;
};

class FileBody final : public BodySink {
 public:
  FileBody(SealedFile file, std::uint64_t octets_max) : octets_max_(octets_max), file_(std::move(file)) {}
  Result<void> feed(ByteView octets) override {
    if (octets.size() > octets_max_ - file_.octets()) return too_much(octets_max_);
    return file_.append(octets);
  }
  Result<void> finish(Request& request) override {
    KHUOI_TRY_VOID(file_.finish());
    request.file.emplace(std::move(file_));
    return {};
  }

 private:
  std::uint64_t octets_max_;
  SealedFile file_;
};

class PartsBody final : public BodySink, private PartSink {
 public:
  PartsBody(const std::string& boundary, std::uint64_t octets_max, std::shared_ptr<UploadFile> in, Rng& rng)
      : octets_max_(octets_max), in_(std::move(in)), rng_(rng), reader_(boundary, *this) {}

  Result<void> feed(ByteView octets) override {
    octets_ += octets.size();
    if (octets_ > octets_max_) return too_much(octets_max_);
    return reader_.feed(octets);
  }
  Result<void> finish(Request& request) override {
    KHUOI_TRY_VOID(reader_.finish());
    request.parts = std::move(parts_);
    return {};
  }

 private:
  Result<void> begin(PartHead head) override {
    Part part;
    part.name = std::move(head.name);
    part.file_name = std::move(head.file_name);
    part.type = std::move(head.type);
    KHUOI_TRY_VOID(count(part.name.size() + part.file_name.size() + part.type.size()));
    if (!part.file_name.empty()) part.file.emplace(in_, rng_);
    parts_.push_back(std::move(part));
    return {};
  }
  Result<void> data(ByteView octets) override {
    Part& part = parts_.back();
    if (part.file) {
      if (part.file->octets() + octets.size() > sync::file_octets_max)
        return fail(Errc::too_large, "a file of more than 2 GiB cannot be attached: split it");
      return part.file->append(octets);
    }
    if (part.octets.size() + octets.size() > field_octets_max)
      return fail(Errc::too_large, "the field '" + part.name + "' is larger than 64 KiB");
    KHUOI_TRY_VOID(count(octets.size()));
    append(part.octets, octets);
    return {};
  }
  Result<void> end() override {
    Part& part = parts_.back();
    return part.file ? part.file->finish() : Result<void>();
  }
  /// What lies in memory: a thousand fields could otherwise hold 64 MiB.
  Result<void> count(std::size_t octets) {
    in_memory_ += octets;
    if (in_memory_ <= fields_octets_max) return {};
    return fail(Errc::too_large, "the names and fields of this multipart are larger than 1 MiB together");
  }

  std::uint64_t octets_max_;
  std::uint64_t octets_ = 0;
  std::size_t in_memory_ = 0;
  std::shared_ptr<UploadFile> in_;  ///< shared with the parts it makes
  Rng& rng_;
  MultipartReader reader_;
  std::vector<Part> parts_;
};

}  // namespace

Result<std::unique_ptr<BodySink>> make_body_sink(const Route& route, const Request& request,
                                                 const std::shared_ptr<Spool>& spool, Rng& rng) {
  std::unique_ptr<BodySink> out;
  auto upload = std::make_shared<UploadFile>(spool, !request.known);
  switch (route.body) {
    case Body::none:
      out = std::make_unique<NoBody>();
      break;
    case Body::memory:
      out = std::make_unique<MemoryBody>(route.octets_max);
      break;
    case Body::file:
      out = std::make_unique<FileBody>(SealedFile(std::move(upload), rng), route.octets_max);
      break;
    case Body::parts: {
      const std::string boundary = boundary_of(request.header("content-type"));
      if (boundary.empty()) return fail(Errc::malformed, "this needs a multipart/form-data body with a boundary");
      out = std::make_unique<PartsBody>(boundary, route.octets_max, std::move(upload), rng);
      break;
    }
  }
  return out;
}

}  // namespace khuoi::http
