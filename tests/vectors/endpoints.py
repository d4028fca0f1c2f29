"""tests/vectors/endpoints.py > tests/vectors/endpoints.h: the hosts that botocore's rule sets name, for the endpoint test.

Run it with the Python of the peers (`tools/setup --print-prefix`/peers/venv/bin/python); --check FILE compares instead.
Regions whose hosts differ in nothing but their names make one group; `*` stands for the name.
"""

import subprocess
import sys

import botocore.session
from botocore.endpoint_provider import EndpointProvider

# Names that are a Region's for the rules, but no place where the service is.
PSEUDO = "-global"
# Regions that nobody has built yet: their prefix decides.
INVENTED = {"aws": ["moon-west-1"], "aws-cn": ["cn-new-9"], "aws-us-gov": ["us-gov-north-7"],
            "aws-iso-b": ["us-isob-north-4"]}
HEAD = """// Written by tests/vectors/endpoints.py from the rule sets of botocore %s. Not by hand.
#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace kinesink::aws {

// Hosts by stream name, by stream ARN for data and for control, of STS, of SSO.
struct EndpointHosts {
  bool use_fips;
  bool use_dualstack;
  std::array<std::string_view, 5> hosts;
};

struct EndpointGroup {
  std::string_view partition;
  std::vector<std::string_view> regions;
  std::array<EndpointHosts, 4> hosts;
};

inline const std::vector<EndpointGroup> kEndpointVectors = {
"""


def host(provider, **parameters):
    url = provider.resolve_endpoint(**parameters).url
    assert url.startswith("https://"), url
    return url.removeprefix("https://")


def hosts_of(providers, partition, region, fips, dualstack):
    common = {"Region": region, "UseFIPS": fips, "UseDualStack": dualstack}
    arn = f"arn:{partition}:kinesis:{region}:123456789012:stream/events"
    found = [host(providers["kinesis"], **common)]
    found += [host(providers["kinesis"], StreamARN=arn, OperationType=kind, **common) for kind in ("data", "control")]
    found += [host(providers["sts"], UseGlobalEndpoint=False, **common), host(providers["sso"], **common)]
    return [text.replace(region, "*") for text in found]


def groups():
    loader = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    providers = {service: EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
                 for service in ("kinesis", "sts", "sso")}
    found = {}
    for partition in partitions["partitions"]:
        name = partition["id"]
        regions = [region for region in partition["regions"] if not region.endswith(PSEUDO)]
        for region in regions + INVENTED.get(name, []):
            rows = tuple((fips, dualstack, tuple(hosts_of(providers, name, region, fips, dualstack)))
                         for dualstack in (False, True) for fips in (False, True))
            found.setdefault((name, rows), []).append(region)
    return found


def quoted(texts):
    return ", ".join(f'"{text}"' for text in texts)


def header():
    text = HEAD % botocore.__version__
    for (partition, rows), regions in groups().items():
        text += f'{{"{partition}", {{{quoted(regions)}}}, {{{{\n'
        for fips, dualstack, hosts in rows:
            text += f"{{{str(fips).lower()}, {str(dualstack).lower()}, {{{quoted(hosts)}}}}},\n"
        text += "}}},\n"
    return text + "};\n\n}  // namespace kinesink::aws\n"


def main(arguments):
    if arguments[:1] == ["--check"]:
        with open(arguments[1], encoding="utf-8") as file:
            return 0 if file.read().split() == formatted(header()).split() else 1
    sys.stdout.write(formatted(header()))
    return 0


def formatted(text):
    return subprocess.run(["clang-format-16", "--style=file", "--assume-filename=tests/vectors/endpoints.h"],
                          input=text, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
