#pragma once

#include <felhom/core/utf8.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace felhom {

/// A JSON document as text, one line. It is valid UTF-8 whatever its strings hold: Boost.JSON writes their bytes as
/// they are, and a reader would refuse the whole document (RFC 8259 section 8.1).
[[nodiscard]] inline auto json_text(const boost::json::value& document) -> std::string
{
    return utf8::repaired(boost::json::serialize(document)) + "\n";
}

} // namespace felhom
