// The one rule of sync/record/NAMES.md.
#include "sync/record/file_name.h"

#include "node/cli/folder_names.h"
#include "sync/files/file_intake.h"
#include "sync/record/record.h"
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::sync;
using namespace std::string_literals;

TEST_CASE("names: the table of NAMES.md", "[regress][record]") {
  const std::string gone = "\xef\xbf\xbd";
  for (const auto& [said, kept] : std::vector<std::pair<std::string, std::string>>{
           {"a.jpg", "a.jpg"},
           {"/sdcard/odk/1700000000000.jpg", "1700000000000.jpg"},
           {"  ảnh.jpg\n", "ảnh.jpg"},
           {"x/ ảnh.jpg", "ảnh.jpg"},
           {"a\xcc\x89nh.jpg", "\xe1\xba\xa3nh.jpg"},
           {"submission.xml", "submission.xml"},
           {"C:\\anh\\1.jpg", "C:\\anh\\1.jpg"},
           {"50%.jpg", "50%.jpg"},
           {"a%2Fb.jpg", "a%2Fb.jpg"},
           {".an", ".an"},
           {"a.", "a."},
           {"a b .jpg", "a b .jpg"},
           {"\x01" "a\tb\x7f.jpg", gone + "a" + gone + "b" + gone + ".jpg"},
           {"a\xc2\x85.jpg", "a" + gone + ".jpg"},
           {"a\0b"s, "a" + gone + "b"},
           {"\xff.jpg", gone + ".jpg"},
           {".", ""},
           {"..", ""},
           {"x/..", ""},
           {"...", "..."},
           {"", ""},
           {" \n ", ""},
           {"ảnh/", ""},
           {"/", ""}}) {
    INFO(said);
    CHECK(kept_name(said) == kept);
    CHECK(kept_name(kept) == kept);
    CHECK((kept.empty() || is_file_name(kept)));
  }
}

TEST_CASE("names: up to 255 octets stay, longer ones are cut to names of their own", "[regress][record]") {
  for (std::size_t octets = 240; octets <= 700; ++octets) {
    const std::string said = std::string(octets - 4, 'x') + ".jpg";
    const std::string kept = kept_name(said);
    CHECK((kept == said) == (octets <= 255));
    CHECK(is_file_name(kept));
    CHECK(kept.ends_with(".jpg"));
  }
  std::string letters;  // three octets each
  for (int i = 0; i < 192; ++i) letters += "ế";
  CHECK(is_file_name(kept_name(letters + ".jpg")));
  CHECK(kept_name(letters + ".jpg") != kept_name(letters + "x.jpg"));
  CHECK(kept_name(letters + ".jpg") == kept_name("dir/" + letters + ".jpg "));
  CHECK(is_file_name(kept_name(std::string(4000, '.'))));
  CHECK(is_file_name(kept_name("a." + std::string(4000, 'j'))));
  CHECK(is_file_name(kept_name(std::string(254, 'x') + "\xe1\xba\xbf")));
}

TEST_CASE("names: what browsers and phones make of a name in a part's head is found again", "[regress][record]") {
  const auto finds = [](const std::string& sent, const std::string& part, const std::string& wanted) {
    const auto meant = names_in_part(sent, part);
    return std::ranges::find(meant, wanted) != meant.end();
  };
  CHECK(names_in_part("a%22b.jpg", "x").front() == "a%22b.jpg");
  CHECK(finds("a%22b.jpg", "x", "a\"b.jpg"));
  CHECK(finds("%0D%0A%2522%20%", "x", "\r\n%2522%20%"));
  CHECK(finds("a\\b.jpg", "x", "a\\\\b.jpg"));  // two bare ones, read as one that is escaped
  CHECK(finds("C:\\fakepath\\a.jpg", "x", "a.jpg"));
  CHECK(finds("blob", "a%22.jpg", "a\".jpg"));
  CHECK_FALSE(finds("a.jpg", "x", ".jpg"));
}

TEST_CASE("names: in an exported folder no file replaces another or the XML", "[regress][cli]") {
  node::FolderNames names;
  CHECK(names.take("a.jpg") == "a.jpg");
  CHECK(names.take("a.jpg") == "a~2.jpg");
  CHECK(names.take("a~2.jpg") == "a~2~2.jpg");
  CHECK(names.take("A.JPG") == "A~3.JPG");
  CHECK(names.take("submission.xml") == "submission~2.xml");
  CHECK(names.take("Submission.XML") == "Submission~3.XML");
  CHECK(names.take("x") == "x");
  CHECK(names.take("x.") == "x~2.");
  CHECK(names.take(".an") == ".an");
  CHECK(names.take(".an") == ".an~2");
  const std::string longest(255, 'x');
  CHECK(names.take(longest) == longest);
  const std::string second = names.take(longest);
  CHECK(second != longest);
  CHECK(is_file_name(second));
}

TEST_CASE("names: for a disk that refuses a name there is one that it takes", "[regress][cli]") {
  CHECK(node::portable_name("C:\\a?.jpg") == "C%3A%5Ca%3F.jpg");
  CHECK(node::portable_name("a.") == "a%2E");
  CHECK(node::portable_name("ảnh 50%.jpg") == "ảnh 50%.jpg");
  CHECK(is_file_name(node::portable_name(std::string(255, ':'))));
}

TEST_CASE("names: an instance names what a legal file name cannot hold, and the file is found", "[regress][record]") {
  FormFacts form;
  form.id = "f";
  form.root = "data";
  form.upload_paths = {"p", "q", "r"};
  const std::string longer(300, 'y');
  const auto instance = Instance::parse(view_of("<data id='f'><p>" + longer + ".jpg</p><q>a\tb</q><r>submission.xml</r>"
                                                "<meta><instanceID>uuid:1</instanceID></meta></data>"));
  REQUIRE(instance);
  const auto facts = instance->facts(form);
  REQUIRE(facts);
  CHECK(facts->attachments == std::vector<std::string>{kept_name(longer + ".jpg"), "a\xef\xbf\xbd" "b", "submission.xml"});
}

namespace {

/// Hands `content` in under `name` with the submission, as every way of handing in does; false when it was here.
bool hand_in_file(tests::TestNode& node, const std::string& xml, const std::string& name, const std::string& content) {
  bool taken = false;
  node.work([&](Batch& batch) -> Result<void> {
    KHUOI_TRY(const Prepared prepared, node.replica->reader().submissions().prepare(batch.txn, view_of(xml)));
    const Bytes hash = Blake2b(file_content_octets).add(view_of(content)).finish();
    KHUOI_TRY(const bool here, node.replica->reader().submissions().has_file(batch.txn, prepared, name, hash));
    taken = !here;
    std::vector<FileFacts> files;
    if (!here) {
      FileIntake intake(node.rng);
      KHUOI_TRY_VOID(intake.add(batch, view_of(content)));
      KHUOI_TRY(files.emplace_back(), intake.finish(batch, name, "image/jpeg"));
    }
    KHUOI_TRY_VOID(node.replica->intake().submit(batch, prepared, files, {hash}));
    return {};
  });
  return taken;
}

std::vector<std::uint64_t> sizes_of_files(tests::TestNode& node) {
  const auto txn = node.replica->read();
  std::optional<DossierKey> key;
  REQUIRE(node.replica->dossiers().each_key(**txn, [&](const DossierKey& at, const DossierRow&) { key = at; }));
  const auto detail = node.replica->views().detail(**txn, *key);
  REQUIRE(detail);
  std::vector<std::uint64_t> out;
  for (const FileFacts& file : detail->files) out.push_back(file.octets);
  std::ranges::sort(out);
  return out;
}

}  // namespace

TEST_CASE("names: two different files of one name are both kept, the same one once", "[regress][replica]") {
  tests::ReplicaPair pair;
  tests::talk(pair.hamlet, pair.commune);
  const std::string xml = tests::test_submission("1", "An", "a.jpg");
  CHECK(hand_in_file(pair.hamlet, xml, "a.jpg", "one"));
  CHECK_FALSE(hand_in_file(pair.hamlet, xml, "a.jpg", "one"));
  CHECK(hand_in_file(pair.hamlet, xml, "a.jpg", "two2"));
  CHECK_FALSE(hand_in_file(pair.hamlet, xml, "a.jpg", "one"));
  CHECK_FALSE(hand_in_file(pair.hamlet, xml, "a.jpg", "two2"));
  pair.hamlet.unlock();
  CHECK(sizes_of_files(pair.hamlet) == std::vector<std::uint64_t>{3, 4});
}

TEST_CASE("names: an empty file that came first gives way to the full one, and none comes after it", "[regress][replica]") {
  tests::ReplicaPair pair;
  tests::talk(pair.hamlet, pair.commune);
  const std::string xml = tests::test_submission("1", "An", "a.jpg");
  CHECK(hand_in_file(pair.hamlet, xml, "a.jpg", ""));
  CHECK_FALSE(hand_in_file(pair.hamlet, xml, "a.jpg", ""));
  CHECK(hand_in_file(pair.hamlet, xml, "a.jpg", "full"));
  CHECK_FALSE(hand_in_file(pair.hamlet, xml, "a.jpg", ""));
  pair.hamlet.unlock();
  CHECK(sizes_of_files(pair.hamlet) == std::vector<std::uint64_t>{4});
}
