// Forms that leave the instanceID out, as some XLSForm converters do.
#include "sync/record/form.h"
#include "tests/support/replica_pair.h"

using namespace khuoi;
using namespace khuoi::sync;

namespace {

const std::string plain_form =
    R"(<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>Plain</h:title>)"
    R"(<model><instance><data id="plain" version="1"><name/></data></instance>)"
    R"(<bind nodeset="/data/name" type="string"/></model></h:head>)"
    R"(<h:body><input ref="/data/name"><label>Name</label></input></h:body></h:html>)";

std::string filled(const std::string& name) { return R"(<data id="plain" version="1"><name>)" + name + "</name></data>"; }

}  // namespace

TEST_CASE("form without instanceID: reading says so, in meta of any prefix", "[regress][record]") {
  CHECK_FALSE(read_form(view_of(plain_form))->names_instance_id);
  for (const std::string& inside : {std::string("<meta><instanceID/></meta>"), std::string("<o:meta xmlns:o='o'><o:instanceID/></o:meta>"),
                                    std::string("<meta/><meta><x/><instanceID/></meta>")}) {
    std::string form = plain_form;
    form.replace(form.find("<name/>"), 7, "<name/>" + inside);
    CHECK(read_form(view_of(form))->names_instance_id);
  }
  std::string elsewhere = plain_form;
  elsewhere.replace(elsewhere.find("<name/>"), 7, "<g><meta><instanceID/></meta></g><meta/>");
  CHECK_FALSE(read_form(view_of(elsewhere))->names_instance_id);
}

TEST_CASE("form without instanceID: an id is made of the XML's octets, the same at every node", "[regress][record]") {
  const std::string id = made_instance_id(view_of(filled("An")));
  CHECK(id == made_instance_id(view_of(filled("An"))));
  CHECK(id != made_instance_id(view_of(filled("an"))));
  REQUIRE(id.size() == 41);
  CHECK(id[19] == '8');  // version 8
  CHECK_FALSE(is_uuid4_instance(id));
  const auto form = read_form(view_of(plain_form));
  const auto facts = Instance::parse(view_of(filled("An")))->facts(*form);
  REQUIRE(facts);
  CHECK(facts->instance_id == id);
  CHECK(facts->made_id);
  FormFacts with_id = *form;
  with_id.names_instance_id = true;  // then it is the sender's fault
  CHECK(Instance::parse(view_of(filled("An")))->facts(with_id).error().code == Errc::malformed);
  // One that brings an id keeps it.
  const std::string own = R"(<data id="plain" version="1"><name>x</name><meta><instanceID>uuid:7</instanceID></meta></data>)";
  CHECK(Instance::parse(view_of(own))->facts(*form)->instance_id == "uuid:7");
}

TEST_CASE("form without instanceID: submissions are taken, repeats known, and both sides give the XML back", "[regress][replica]") {
  tests::ReplicaPair pair;
  pair.commune.work([&](Batch& batch) {
    FormRecord form;
    form.xml = to_bytes(view_of(plain_form));
    return pair.commune.replica->add_form(batch, form);
  });
  tests::talk(pair.hamlet, pair.commune);
  const auto first = pair.hamlet.submit(filled("An"));
  const auto again = pair.hamlet.submit(filled("An"));
  const auto other = pair.hamlet.submit(filled("Bình"));
  CHECK(again.repeat);
  CHECK(again.shown == first.shown);
  CHECK(other.shown != first.shown);
  tests::talk(pair.hamlet, pair.commune);
  pair.hamlet.unlock();
  for (tests::TestNode* node : {&pair.hamlet, &pair.commune}) {
    CHECK(node->list().size() == 2);
    const auto txn = node->replica->read();
    const auto detail = node->replica->views().detail(**txn, *node->replica->views().resolve(**txn, first.shown.hex()));
    REQUIRE(detail);
    CHECK(text_of(detail->versions.front().xml) == filled("An"));
  }
}
