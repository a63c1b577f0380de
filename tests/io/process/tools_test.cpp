// SPDX-License-Identifier: Apache-2.0
#include "io/process/process.hpp"
#include "recorded_tools.hpp"
#include "support/catch.hpp"

#include <felhom/host_tools/pct.hpp>
#include <felhom/host_tools/sensors.hpp>
#include <felhom/host_tools/smart.hpp>

#include <type_traits>

using namespace felhom;
using namespace felhom::host_tools;

static_assert(!std::is_constructible_v<command, std::vector<std::string>>, "commands are the tools' to make");

namespace {

template <typename T>
void check_refuses(std::initializer_list<const char*> texts)
{
    for (const auto* text : texts) {
        INFO(text);
        CHECK_FALSE(T::parse(text).has_value());
    }
}

} // namespace

TEST_CASE("the golden container is made unprivileged, with keyctl and nesting")
{
    const auto golden = golden_container{
        .id = must(vmid::parse("9000")),
        .archive = must(template_archive::parse("local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst")),
        .hostname = must(host_tools::hostname::parse("golden")),
        .storage = must(storage_name::parse("local-lvm")),
        .bridge = must(bridge_name::parse("vmbr0")),
    };
    CHECK(pct::create(golden).argv()
          == std::vector<std::string>{
              "/usr/sbin/pct",  "create", "9000",       "local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst",
              "--unprivileged", "1",      "--features", "keyctl=1,nesting=1",
              "--hostname",     "golden", "--rootfs",   "local-lvm:8",
              "--cores",        "2",      "--memory",   "2048",
              "--swap",         "512",    "--net0",     "name=eth0,bridge=vmbr0,ip=dhcp"});
}

TEST_CASE("what could be an option, a path of its own or a second value is refused as a part of a command")
{
    check_refuses<template_archive>({"", "debian.tar.zst", "-x:vztmpl/a.tar.gz", "local:vztmpl/-a.tar.gz",
                                     "local:vztmpl/../a.tar.gz", "local:vztmpl/a/b.tar.gz", "local:iso/a.tar.gz",
                                     "local:vztmpl/a.zip", "/var/lib/a.tar.gz", "local:vztmpl/a b.tar.gz"});
    check_refuses<storage_name>({"", "a", "-local", "local:8", "local,x=y", "1local", "local-", "lo cal"});
    check_refuses<host_tools::hostname>({"", "-a", "a-", "a..b", ".a", "a.", "a_b", "a b", "a\n"});
    check_refuses<bridge_name>({"", "0br", "vmbr0,ip=x", "vmbr0.100", "a234567890123456"});
    check_refuses<disk_device>({"", "/dev/", "/dev/../etc/passwd", "/dev/disk/by-id/", "/dev/disk/by-id/../x",
                                "/dev/mapper/x", "sda", "-a", "/dev/sd a"});
}

TEST_CASE("every way in which a program can fail is told in one line")
{
    using namespace std::chrono_literals;
    CHECK(describe(error{cannot_start{"/x", "No such file or directory"}})
          == "/x could not be started: No such file or directory");
    CHECK(describe(error{timed_out{"/x", 1500ms}}) == "/x was killed after 1500 ms");
    CHECK(describe(error{too_much_output{"/x", 10}}) == "/x was killed: it wrote more than 10 bytes");
    CHECK(describe(error{killed{"/x", 9}}) == "/x was ended by signal 9");
}
