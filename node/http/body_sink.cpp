#include "node/http/body_sink.h"

#include "sync/replica/files.h"

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
  PartsBody(const std::string& boundary, std::uint64_t octets_max, std::shared_ptr<Spool> spool, Rng& rng)
      : octets_max_(octets_max), spool_(std::move(spool)), rng_(rng), reader_(boundary, *this) {}

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
    if (!part.file_name.empty()) {
      KHUOI_TRY(SealedFile file, SealedFile::create(spool_, rng_));
      part.file.emplace(std::move(file));
    }
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
    append(part.octets, octets);
    return {};
  }
  Result<void> end() override {
    Part& part = parts_.back();
    return part.file ? part.file->finish() : Result<void>();
  }

  std::uint64_t octets_max_;
  std::uint64_t octets_ = 0;
  std::shared_ptr<Spool> spool_;  ///< shared with the files it makes
  Rng& rng_;
  MultipartReader reader_;
  std::vector<Part> parts_;
};

}  // namespace

Result<std::unique_ptr<BodySink>> make_body_sink(const Route& route, const Request& request,
                                                 const std::shared_ptr<Spool>& spool, Rng& rng) {
  std::unique_ptr<BodySink> out;
  switch (route.body) {
    case Body::none:
      out = std::make_unique<NoBody>();
      break;
    case Body::memory:
      out = std::make_unique<MemoryBody>(route.octets_max);
      break;
    case Body::file: {
      KHUOI_TRY(SealedFile file, SealedFile::create(spool, rng));
      out = std::make_unique<FileBody>(std::move(file), route.octets_max);
      break;
    }
    case Body::parts: {
      const std::string boundary = boundary_of(request.header("content-type"));
      if (boundary.empty()) return fail(Errc::malformed, "this needs a multipart/form-data body with a boundary");
      out = std::make_unique<PartsBody>(boundary, route.octets_max, spool, rng);
      break;
    }
  }
  return out;
}

}  // namespace khuoi::http
