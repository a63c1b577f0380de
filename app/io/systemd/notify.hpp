// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

// What the service manager is told (sd_notify(3)), from any thread. Nothing, where none asked to be: NOTIFY_SOCKET.
namespace felhom::io {

/// The daemon takes commands, since its start or since it began anew.
void notify_ready();

/// It is reading its configuration anew.
void notify_reloading();

/// It is ending.
void notify_stopping();

/// One line for `systemctl status`.
void notify_status(const std::string& line);

/// It gets on with its work.
void notify_watchdog();

} // namespace felhom::io
