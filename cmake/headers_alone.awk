# Writes the Ninja rules by which each public header is compiled alone.
#
# Most of that would be the same parsing again and again. So some headers that many others include are precompiled, and
# a header is compiled behind that one of them of which it includes the most, directly or not: what it sees is what it
# would have seen anyway.
#
# Input: one line "felhom/a.hpp felhom/b.hpp" for each include, then "felhom/a.hpp" for each header.

BEGIN {
    count = split("authz/wire config/settings core/decimal core/instant core/json_cursor core/strict_json core/utf8 hub/host_report operate/effect operate/gate proxmox/reply_node proxmox/task_watch reconcile/plan", names)
    for (i = 1; i <= count; ++i) {
        common["felhom/" names[i] ".hpp"]
    }
    print "rule precompile"
    print "  command = $compile -fpch-instantiate-templates -x c++-header $in -MD -MF $out.d -o $out"
    print "  depfile = $out.d"
    print "  deps = gcc"
    print "rule check"
    print "  command = $compile $behind -fsyntax-only -x c++-header $in -MD -MF $out.d -MT $out && touch $out"
    print "  depfile = $out.d"
    print "  deps = gcc"
}

function visit(header, included, parts, at) {
    if (header in seen) {
        return
    }
    seen[header]
    included = split(includes[header], parts, " ")
    for (at = 1; at <= included; ++at) {
        visit(parts[at])
    }
}

function closure_size(header, each, size) {
    split("", seen)
    visit(header)
    for (each in seen) {
        ++size
    }
    return size
}

NF == 2 {
    includes[$1] = includes[$1] " " $2
    next
}

$1 in common {
    print "build " $1 ".pch: precompile $headers/" $1
    next
}

{
    headers[++header_count] = $1
}

END {
    for (each in common) {
        size_of[each] = closure_size(each)
    }
    for (i = 1; i <= header_count; ++i) {
        header = headers[i]
        split("", seen)
        visit(header)
        best = ""
        for (each in common) {
            if (each in seen && size_of[each] > size_of[best]) {
                best = each
            }
        }
        print "build " header ".alone: check $headers/" header (best == "" ? "" : " | " best ".pch")
        if (best != "") {
            print "  behind = -include-pch " best ".pch"
        }
    }
}
