// The exchanges of sim_ours between pairs of ns-3 nodes: TCP sockets over one point-to-point link
// per pair. Usage: ns3_pairs PAIRS ROUND_TRIPS; prints one JSON object.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>

namespace {

constexpr std::uint16_t echo_port = 7;
constexpr std::uint32_t message_size = 64;
constexpr double start_of_exchange = 1000.0;  // simulated seconds

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

ns3::Ptr<ns3::Socket> socket_of(const ns3::Ptr<ns3::Node>& node) {
  return ns3::Socket::CreateSocket(node, ns3::TcpSocketFactory::GetTypeId());
}

void echo(ns3::Ptr<ns3::Socket> socket) {
  while (ns3::Ptr<ns3::Packet> packet = socket->Recv()) {
    socket->Send(packet);
  }
}

void accepted(ns3::Ptr<ns3::Socket> socket, const ns3::Address& /*from*/) {
  socket->SetRecvCallback(ns3::MakeCallback(&echo));
}

ns3::Ptr<ns3::Socket> listen(const ns3::Ptr<ns3::Node>& node) {
  auto socket = socket_of(node);
  socket->Bind(ns3::InetSocketAddress(ns3::Ipv4Address::GetAny(), echo_port));
  socket->Listen();
  socket->SetAcceptCallback(
      ns3::MakeNullCallback<bool, ns3::Ptr<ns3::Socket>, const ns3::Address&>(),
      ns3::MakeCallback(&accepted));
  return socket;
}

// Sends one message when it is connected, and `round_trips` messages from start_of_exchange on.
class Client {
 public:
  Client(const ns3::Ptr<ns3::Node>& node, ns3::Ipv4Address server, int round_trips)
      : socket_(socket_of(node)), server_(server), left_(round_trips) {
    socket_->SetConnectCallback(ns3::MakeCallback(&Client::connected, this),
                                ns3::MakeNullCallback<void, ns3::Ptr<ns3::Socket>>());
    socket_->SetRecvCallback(ns3::MakeCallback(&Client::received, this));
    // Nodes work only while the simulation runs.
    ns3::Simulator::Schedule(ns3::Seconds(0), &Client::connect, this);
    ns3::Simulator::Schedule(ns3::Seconds(start_of_exchange), &Client::begin, this);
  }

  [[nodiscard]] bool done() const { return left_ == 0; }

 private:
  void connect() { socket_->Connect(ns3::InetSocketAddress(server_, echo_port)); }
  void connected(ns3::Ptr<ns3::Socket> /*socket*/) { send(); }
  void begin() {
    begun_ = true;
    send();
  }
  void send() {
    awaited_ = message_size;
    socket_->Send(ns3::Create<ns3::Packet>(message_size));
  }
  void received(ns3::Ptr<ns3::Socket> socket) {
    while (const ns3::Ptr<ns3::Packet> packet = socket->Recv()) {
      awaited_ -= packet->GetSize();
    }
    if (awaited_ == 0 && begun_ && --left_ > 0) {
      send();
    }
  }

  ns3::Ptr<ns3::Socket> socket_;
  ns3::Ipv4Address server_;
  int left_;
  std::uint32_t awaited_ = 0;
  bool begun_ = false;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: ns3_pairs PAIRS ROUND_TRIPS\n");
    return 2;
  }
  const int pairs = std::atoi(arguments[1]);
  const int round_trips = std::atoi(arguments[2]);
  const double begin = cpu_seconds();
  ns3::PointToPointHelper link;
  link.SetDeviceAttribute("DataRate", ns3::StringValue("10Gbps"));
  link.SetChannelAttribute("Delay", ns3::StringValue("100us"));
  ns3::InternetStackHelper stack;
  ns3::Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.252");
  std::vector<ns3::Ptr<ns3::Socket>> listeners;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < pairs; ++i) {
    ns3::NodeContainer nodes(2);
    stack.Install(nodes);
    const auto interfaces = addresses.Assign(link.Install(nodes));
    addresses.NewNetwork();
    listeners.push_back(listen(nodes.Get(1)));
    clients.push_back(
        std::make_unique<Client>(nodes.Get(0), interfaces.GetAddress(1), round_trips));
  }
  ns3::Simulator::Stop(ns3::Seconds(start_of_exchange / 2));
  ns3::Simulator::Run();
  const double start = cpu_seconds();
  ns3::Simulator::Run();
  const double seconds = cpu_seconds() - start;
  for (const auto& client : clients) {
    if (!client->done()) {
      std::fprintf(stderr, "ns3_pairs: an exchange is not done\n");
      return 1;
    }
  }
  std::printf(R"({"round_trips_per_s": %.9g, "building_s": %.9g})"
              "\n",
              static_cast<double>(pairs) * round_trips / seconds, start - begin);
}
