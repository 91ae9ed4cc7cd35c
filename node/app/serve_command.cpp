#include "node/app/serve_command.h"

#include "node/app/service.h"
#include "node/engine/descriptors.h"
#include "node/engine/phrase.h"

namespace khuoi::node {

namespace {

Result<ExitCode> run_serve(const Request& request, Caller&) {
  ServiceOptions options;
  options.data = request.one("--data");
  if (request.has("--http")) options.http = request.one("--http");
  if (request.has("--listen")) options.listen = request.one("--listen");
  if (request.has("--contact")) options.contact = request.one("--contact");
  for (const std::string& folder : request.many("--stick")) options.sticks.folders.emplace_back(folder);
  options.sticks.mounting = request.has("--mount-sticks");
  options.http_hosts = request.many("--http-host");
  options.radios = request.many("--radio");
  if (options.radios.size() > 1) return fail(Errc::usage, "--radio was given twice: a node has one radio");
  // A box that starts by itself stays locked, whatever its environment holds, unless somebody says so by name.
  if (request.has("--passphrase-file")) {
    KHUOI_TRY(options.phrase, phrase_from_file(request.one("--passphrase-file")));
  }
  options.person = request.one("--person");
  if (request.one("--role") == "commune") options.first_role = sync::Role::commune;
  raise_descriptor_limit();
  KHUOI_TRY_VOID(serve(options));
  return exit_success;
}

}  // namespace

std::vector<Command> serve_commands() {
  return {
      {.name = "serve",
       .summary = "Run this node: links, sticks, the local page, and commands given meanwhile",
       .more =
           "Runs until SIGTERM or Ctrl-C. Port 0 takes a free one; the addresses in force are in DIR/run/http and\n"
           "DIR/run/listen. Never asks for a passphrase: the node is locked until 'khuoi unlock', unless\n"
           "--passphrase-file is given. A folder below /media, /run/media or /mnt counts as a stick only while "
           "something\n"
           "is mounted there. In an empty data folder the local page makes the node: a hamlet's first start, or a\ncommune's with --role commune.\n\n"
           "With --mount-sticks a stick is mounted when it is plugged in (nosuid, nodev, noexec), synced, and\n"
           "unmounted before the page says that it may be pulled; one that stays in is mounted again when it\n"
           "lacks something new. It needs udisks2, and leave to mount: node/service/50-khuoi-sticks.rules.\n\n"
           "With --radio rnode:/dev/ttyUSB0 an RNode board carries records by LoRa; rylr:/dev/ttyUSB0 names an RYLR896\n"
               "or RYLR998 module, which hears its own kind alone; udp:127.0.0.1:1700 awaits the packet forwarder of the\n"
               "commune's concentrator. Band, spreading factor, antenna and power stand in DIR/config.toml, [radio]; without\n"
               "it: Vietnam, 922.5 MHz, SF9, 14 dBm ERP, and 1 % of any hour on the air (10 % at the commune), which no\n"
               "restart exceeds.\n\n"
               "  khuoi serve --contact xa.sangmoc.vn:7200 --mount-sticks     a hamlet\n"
           "  khuoi serve --listen :7200 --stick /media/usb               the commune, whose sticks others mount\n",
       .options =
           {{.name = "--http", .help = "where the local page answers (default 127.0.0.1:8080)"},
            {.name = "--http-host",
             .help = "a further name under which the local page may be asked for",
             .shape = Option::Shape::many},
            {.name = "--listen", .help = "take contacts of hamlets at this address"},
            {.name = "--contact", .help = "keep contact with the commune there"},
            {.name = "--stick", .help = "a folder where sticks appear", .shape = Option::Shape::many, .absolute = true},
            {.name = "--mount-sticks",
             .help = "mount sticks as they are plugged in, through udisks2; sync them; unmount them",
             .shape = Option::Shape::flag},
            {.name = "--radio",
             .help =
                 "a LoRa modem, rnode:DEVICE, rylr:DEVICE or udp:ADDRESS:PORT; its settings stand in DIR/config.toml",
             .shape = Option::Shape::many},
            {.name = "--role", .help = "what an empty data folder becomes (default: hamlet)", .choices = "hamlet|commune"},
            {.name = "--passphrase-file", .help = "open the node with the passphrase in this file"},
            {.name = "--person", .help = "whose passphrase it is"}},
       .run_alone = run_serve}};
}

}  // namespace khuoi::node
