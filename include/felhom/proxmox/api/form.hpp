// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/proxmox/api/percent_encoding.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace felhom::proxmox {

/// The parameters of a call in the one encoding that a query and a form share.
class form {
public:
    [[nodiscard]] auto with(std::string_view name, std::string_view value) && -> form
    {
        if (!text_.empty()) {
            text_ += '&';
        }
        text_ += percent_encode(name) + '=' + percent_encode(value);
        return std::move(*this);
    }

    /// Booleans are 0 and 1 on this wire; Proxmox VE refuses the words.
    [[nodiscard]] auto with(std::string_view name, bool flag) && -> form
    {
        return std::move(*this).with(name, flag ? std::string_view{"1"} : std::string_view{"0"});
    }
    // A literal would rather become a bool than a string_view.
    [[nodiscard]] auto with(std::string_view name, const char* value) && -> form
    {
        return std::move(*this).with(name, std::string_view{value});
    }

    [[nodiscard]] auto text() const& -> const std::string& { return text_; }
    [[nodiscard]] auto text() && -> std::string { return std::move(text_); }

private:
    std::string text_;
};

} // namespace felhom::proxmox
