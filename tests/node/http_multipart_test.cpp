#include "node/web_server/multipart.h"

#include <catch2/catch.hpp>

#include "tests/support/print_result.h"

using namespace khuoi;
using namespace khuoi::http;

namespace {

class Told final : public PartSink {
 public:
  Result<void> begin(PartHead head) override {
    parts.push_back({std::move(head), {}, false});
    return {};
  }
  Result<void> data(ByteView octets) override {
    parts.back().octets += text_of(octets);
    return {};
  }
  Result<void> end() override {
    parts.back().ended = true;
    return {};
  }
  struct One {
    PartHead head;
    std::string octets;
    bool ended = false;
  };
  std::vector<One> parts;
};

Result<void> read_in_pieces(std::string_view body, std::size_t piece, Told& told) {
  MultipartReader reader("b", told);
  for (std::size_t at = 0; at < body.size(); at += piece) {
    KHUOI_TRY_VOID(reader.feed(view_of(body.substr(at, piece))));
  }
  return reader.finish();
}

const std::string two =
    "--b\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"s.xml\"\r\nContent-Type: "
    "text/xml\r\n"
    "\r\n<data/>\r\n--b\r\nContent-Disposition: form-data; name=\"anh\"; filename=\"ảnh \\\"1\\\".jpg\"\r\n\r\n"
    "\r\n--c\r\n--\r\n\r\n--b--\r\n";

}  // namespace

TEST_CASE("multipart: a body in pieces of any size tells the same parts", "[node][http]") {
  for (std::size_t piece = 1; piece <= two.size(); ++piece) {
    Told told;
    REQUIRE(read_in_pieces(two, piece, told));
    REQUIRE(told.parts.size() == 2);
    CHECK(told.parts[0].head.file_name == "s.xml");
    CHECK(told.parts[0].head.type == "text/xml");
    CHECK(told.parts[0].octets == "<data/>");
    CHECK(told.parts[1].head.file_name == "ảnh \"1\".jpg");
    CHECK(told.parts[1].octets == "\r\n--c\r\n--\r\n");
    CHECK(told.parts[1].ended);
  }
}

TEST_CASE("multipart: a body that ends before its closing delimiter is broken, wherever it ends", "[node][http]") {
  for (std::size_t octets = 0; octets < two.size() - 2; ++octets) {
    Told told;
    CHECK(read_in_pieces(two.substr(0, octets), 7, told).error().code == Errc::malformed);
  }
}

TEST_CASE("multipart: parts that are nested, nameless, encoded or too many are refused", "[node][http]") {
  const auto error_of = [](const std::string& body) {
    Told told;
    const auto read = read_in_pieces(body, 4096, told);
    return read ? std::string() : read.error().what;
  };
  const std::string named = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n";
  CHECK(error_of(named + "\r\n\r\n--b--").empty());
  CHECK_FALSE(error_of(named + "Content-Type: Multipart/mixed; boundary=c\r\n\r\n\r\n--b--").empty());
  CHECK_FALSE(error_of(named + "Content-Transfer-Encoding: base64\r\n\r\n\r\n--b--").empty());
  CHECK_FALSE(error_of("--b\r\nContent-Type: text/plain\r\n\r\n\r\n--b--").empty());
  CHECK_FALSE(error_of("--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n\r\n--b--").empty());
  CHECK_FALSE(error_of(named + named + "\r\n\r\n--b--").empty());
  CHECK_FALSE(error_of(named + "A: " + std::string(9000, 'x')).empty());
  std::string many;
  for (std::size_t i = 0; i <= MultipartReader::parts_max; ++i) many += named + "\r\n\r\n";
  CHECK_FALSE(error_of(many + "--b--").empty());
}

TEST_CASE("multipart: names come quoted, bare, or as UTF-8 in percents", "[node][http]") {
  CHECK(header_parameter("form-data; name=a; filename=b.jpg", "filename") == "b.jpg");
  CHECK(header_parameter("form-data; filename=\"C:\\anh.jpg\"", "filename") == "C:\\anh.jpg");
  CHECK(header_parameter("form-data; filename=\"x\"; filename*=UTF-8''%E1%BA%A3nh.jpg", "filename") == "ảnh.jpg");
  CHECK(header_parameter("form-data; filename=\"x\"; filename*=UTF-8''%zz", "filename") == "x");
  CHECK(header_parameter("form-data; name=\"a;filename=b\"", "filename").empty());
  CHECK(boundary_of("multipart/form-data; boundary=\"a b\"") == "a b");
  CHECK(boundary_of("Multipart/Form-Data;boundary=----x") == "----x");
  CHECK(boundary_of("multipart/form-data").empty());
  CHECK(boundary_of("multipart/mixed; boundary=x").empty());
  CHECK(boundary_of("multipart/form-data; boundary=" + std::string(71, 'x')).empty());
}
