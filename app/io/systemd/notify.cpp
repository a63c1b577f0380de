// SPDX-License-Identifier: Apache-2.0
#include "io/systemd/notify.hpp"

#include <systemd/sd-daemon.h>

namespace felhom::io {

namespace {

/// That it could not be told is of no use to anybody here: the service manager acts on what it does not hear.
void tell(const std::string& what)
{
    static_cast<void>(::sd_notify(/*unset_environment=*/0, what.c_str()));
}

} // namespace

void notify_ready()
{
    tell("READY=1");
}

void notify_reloading()
{
    tell("RELOADING=1");
}

void notify_stopping()
{
    tell("STOPPING=1");
}

void notify_status(const std::string& line)
{
    tell("STATUS=" + line);
}

void notify_watchdog()
{
    tell("WATCHDOG=1");
}

} // namespace felhom::io
