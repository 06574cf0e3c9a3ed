"""Measures the cost of an echoed message over TLS beside asio's ssl::stream."""

import pathlib
import subprocess
import tempfile

import measure
import report
import servers

LIMIT = 1.05  # maximum CPU of ours, if asio uses 1
SCENARIOS = [measure.Scenario(f"TLS {size} B x {connections}", size, connections, 0, tls=1)
             for size, connections in ((64, 8), (64, 50), (16384, 8))]
OURS = "ours/epoll TLS"
ASIO = "asio TLS"


def make_certificate(folder):
    """Returns the flags that name a key and a certificate for it, in `folder`."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                    "-subj", "/CN=localhost"], check=True, capture_output=True)
    return ["--tls-cert", certificate, "--tls-key", key]


def run_tls(bench, options, failures, wanted):
    """Prints the medians, and returns the records."""
    scenarios = [scenario for scenario in SCENARIOS if wanted(scenario.name)]
    if not scenarios or options.ours is None:
        return []
    with tempfile.TemporaryDirectory(prefix="tls-") as folder:
        flags = make_certificate(pathlib.Path(folder))
        both = [servers.Server(OURS, servers.ours_on(options.ours, "epoll") + flags),
                servers.Server(ASIO, [options.programs / "asio_tls_echo", *flags])]
        results = report.Results()
        measurer = measure.Measurer(bench, options.rounds * options.slices * len(scenarios) * 2)
        for _ in range(options.rounds):
            for scenario in scenarios:
                with measure.Block(bench, both, failures.append) as block:
                    block.run_slices(measurer, scenario, options.slices, results)
    print(f"\n{'Echo over TLS, CPU us':30}{'ours':>9}{'asio':>9}{'ours to asio':>17}")
    for scenario in scenarios:
        print_line(results, scenario)
    return [record_of(results, scenario) for scenario in scenarios]


def print_line(results, scenario):
    ratios = results.ratios(scenario, OURS, ASIO)
    if not ratios:
        print(f"  {scenario.name:28}  failed")
        return
    ours, asio = (results.median(scenario, name, "cpu") / 1e3 for name in (OURS, ASIO))
    print(f"  {scenario.name:28}{ours:9.2f}{asio:9.2f}"
          f"{results.ratio(scenario, OURS, ASIO):10.3f} ±{report.spread(ratios):5.3f}")


def record_of(results, scenario):
    ratio = results.ratio(scenario, OURS, ASIO)
    return {
        "name": f"echo {scenario.name}, epoll: CPU per round trip, paired",
        "unit": "times asio",
        "ours": report.rounded(ratio, 3),
        "peers": {ASIO: 1},
        "goal": f"at most {LIMIT}",
        "met": ratio is not None and ratio <= LIMIT,
    }
