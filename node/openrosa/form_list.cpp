#include "node/openrosa/form_list.h"

#include "node/openrosa/answer.h"
#include "node/web_server/target.h"

namespace khuoi::openrosa {

namespace {

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

void element(std::string& to, const std::string& name, std::string_view text) {
  to += "<" + name + ">" + xml_text(text) + "</" + name + ">";
}

std::string address_of(const std::string& base, const std::string& form_key) { return base + "/forms/" + form_key; }

}  // namespace

std::string form_list_xml(const std::vector<ListedForm>& forms, const std::string& base, bool verbose) {
  std::string out(declaration);
  out += "<xforms xmlns=\"http://openrosa.org/xforms/xformsList\">\n";
  for (const ListedForm& form : forms) {
    out += "<xform>";
    element(out, "formID", form.id);
    element(out, "name", form.name);
    element(out, "version", form.version);
    element(out, "hash", "md5:" + form.md5);
    if (verbose) element(out, "descriptionText", form.about);
    element(out, "downloadUrl", address_of(base, form.key) + "/form.xml");
    if (form.has_media) element(out, "manifestUrl", address_of(base, form.key) + "/manifest.xml");
    out += "</xform>\n";
  }
  return out + "</xforms>\n";
}

std::string manifest_xml(const std::vector<ListedMedia>& media, const std::string& base, const std::string& form_key) {
  std::string out(declaration);
  out += "<manifest xmlns=\"http://openrosa.org/xforms/xformsManifest\">\n";
  for (const ListedMedia& file : media) {
    out += "<mediaFile>";
    element(out, "filename", file.name);
    element(out, "hash", "md5:" + file.md5);
    element(out, "downloadUrl", address_of(base, form_key) + "/media/" + http::file_segment(file.name));
    out += "</mediaFile>\n";
  }
  return out + "</manifest>\n";
}

}  // namespace khuoi::openrosa
