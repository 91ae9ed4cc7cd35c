#include <catch2/catch.hpp>
#include <filesystem>

#include "node/web_server/body_sink.h"
#include "sync/base/rng.h"
#include "tests/storage/temp_folder.h"
#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::http;

namespace {

std::size_t descriptors_open() {
  const std::filesystem::directory_iterator open("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

struct Upload {
  tests::TempFolder folder;
  std::shared_ptr<Spool> spool = *Spool::open(folder.path() / "tmp", 4U << 20U);
  SeededRng rng{7};
  Route route{.method = Method::post, .pattern = "/x", .access = Access::anybody(), .body = Body::parts, .octets_max = std::uint64_t{1} << 30U};
  http::Request request;
  std::unique_ptr<BodySink> sink;

  Upload() {
    request.headers.emplace_back("content-type", "multipart/form-data; boundary=b");
    sink = *make_body_sink(route, request, spool, rng);
  }
  Result<void> part(const std::string& name, const std::string& content, bool is_file = true) {
    const std::string file = is_file ? "; filename=\"" + name + "\"" : "";
    return sink->feed(view_of("--b\r\nContent-Disposition: form-data; name=\"" + name + "\"" + file + "\r\n\r\n" +
                              content + "\r\n"));
  }
  Result<void> finish() {
    if (auto fed = sink->feed(view_of("--b--\r\n")); !fed) return fed;
    return sink->finish(request);
  }
};

}  // namespace

TEST_CASE("upload: a thousand files, empty or full, hold one descriptor and read back", "[node][http]") {
  Upload upload;
  const std::size_t before = descriptors_open();
  for (int i = 0; i < 500; ++i) {
    REQUIRE(upload.part("empty" + std::to_string(i), ""));
    REQUIRE(upload.part("full" + std::to_string(i), std::string(static_cast<std::size_t>(i * 7), 'x')));
  }
  CHECK(descriptors_open() <= before + 1);
  REQUIRE(upload.finish());
  REQUIRE(upload.request.parts.size() == 1000);
  for (std::size_t i = 0; i < 500; ++i) {
    CHECK(upload.request.parts[2 * i].file->octets() == 0);
    CHECK(*upload.request.parts[2 * i + 1].read(1U << 20U) == Bytes(i * 7, 'x'));
  }
}

TEST_CASE("upload: parts larger than a piece lie one behind the other", "[node][http]") {
  Upload upload;
  const std::vector<std::size_t> sizes{1, 65536, 0, 65537, 200'000, 3};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    REQUIRE(upload.part(std::to_string(i), std::string(sizes[i], static_cast<char>('a' + i))));
  }
  REQUIRE(upload.finish());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    CHECK(*upload.request.parts[i].read(1U << 20U) == Bytes(sizes[i], static_cast<std::uint8_t>('a' + i)));
  }
  CHECK(upload.spool->taken() > 0);
  upload.request.parts.clear();
  upload.sink.reset();
  CHECK(upload.spool->taken() == 0);
}

TEST_CASE("upload: a small one needs no descriptor at all", "[node][http]") {
  Upload upload;
  const std::size_t before = descriptors_open();
  REQUIRE(upload.part("xml_submission_file", std::string(40'000, 'x')));
  REQUIRE(upload.part("photo.jpg", std::string(20'000, 'y')));
  REQUIRE(upload.finish());
  CHECK(descriptors_open() == before);
  CHECK(*upload.request.parts[1].read(1U << 20U) == Bytes(20'000, 'y'));
}

TEST_CASE("upload: fields and names together are bounded, so that memory is", "[node][http]") {
  Upload upload;
  Result<void> taken;
  int parts = 0;
  for (; taken && parts < 900; ++parts) taken = upload.part("f" + std::to_string(parts), std::string(60'000, 'x'), false);
  CHECK(parts < 20);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::too_large);
}

TEST_CASE("upload: strangers leave a quarter of the room to those who are known", "[node][http]") {
  Upload upload;  // 4 MiB in all
  Result<void> taken;
  for (int i = 0; taken && i < 100; ++i) taken = upload.part("a" + std::to_string(i), std::string(65'536, 'x'));
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::disk_full);
  CHECK(upload.spool->taken() <= 3U << 20U);
  http::Request known;
  known.known = true;
  known.headers = upload.request.headers;
  const auto sink = *make_body_sink(upload.route, known, upload.spool, upload.rng);
  CHECK(sink->feed(view_of("--b\r\nContent-Disposition: form-data; name=\"p\"; filename=\"p\"\r\n\r\n" +
                           std::string(500'000, 'y') + "\r\n--b--\r\n")));
}
