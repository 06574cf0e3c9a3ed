// A relay accepts a message before it has passed it on. If it crashes between the two sends, which
// follow each other without a wait, the message is lost. The fixed variant accepts a message once
// the mailbox has it.
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

using Mails = std::set<std::string>;

sched::Task<std::string> store(std::shared_ptr<Mails> box, std::string mail) {
  box->insert(std::move(mail));
  co_return "stored";
}

sched::Task<> relay_mail(Version version, Host& host, Stream client) {
  const bool early = version == Version::buggy;
  Stream box = co_await host.connect({"mailbox", port});
  for (;;) {
    const std::optional<std::string> mail = co_await recv_line(client);
    if (!mail) {
      break;
    }
    if (early) {
      co_await send_line(client, "accepted");
    }
    co_await send_line(box, *mail);
    co_await expect_line(box);
    if (!early) {
      co_await send_line(client, "accepted");
    }
  }
}

sched::Task<> post(World& world, std::shared_ptr<Mails> box, Host& host) {
  std::vector<std::string> accepted;
  for (int i = 0; i < 3; ++i) {
    co_await until(i * 5ms);
    const std::string mail = "mail-" + std::to_string(i);
    const auto answer = co_await try_ask(host, "relay", mail, 1s);
    if (answer) {
      accepted.push_back(mail);
    }
  }
  co_await sched::sleep_for(1s);
  for (const std::string& mail : accepted) {
    world.always("a mail that was accepted is in the mailbox", box->contains(mail));
  }
}

}  // namespace

Scenario lost_mail(Version version) {
  return {"lost_mail", "A mail relay crashes while it passes mails on", [version](World& world) {
            auto box = std::make_shared<Mails>();
            world.host("mailbox").spawn("serve", [box](Host& host) {
              return serve_answers(host,
                                   [box](std::string mail) { return store(box, std::move(mail)); });
            });
            world.host("relay").spawn("serve", [version](Host& host) {
              return serve(host, [version, &host](Stream client) {
                return relay_mail(version, host, std::move(client));
              });
            });
            world.host("client").spawn(
                "post", [&world, box](Host& host) { return post(world, box, host); });
            world.survives({simnet::crash("relay")}, {.in_all = 1, .until = 100ms});
          }};
}

}  // namespace rehearsal::bugs
