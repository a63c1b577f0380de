# SPDX-License-Identifier: Apache-2.0
# Writes the Ninja rules by which each public header is compiled alone.
#
# Most of that would be the same parsing again and again. It is spared in two ways, in both of which a header sees nothing
# but what it would have seen anyway:
#   Some headers that many others include are precompiled, and a header is compiled behind that one of them of which it
#   includes the most, directly or not.
#   One header follows another in the same translation unit if it includes that one, directly or not.
#
# Input: one line "felhom/a.hpp felhom/b.hpp" for each include, then "felhom/a.hpp" for each header.

BEGIN {
    count = split("authz/sshsig/wire config/settings core/decimal core/instant core/json/object_reader core/json/strict core/utf8 hub/report/host_report operate/effect operate/gate/gate proxmox/api/reply_node proxmox/tasks/task_watch reconcile/plan/plan", names)
    for (i = 1; i <= count; ++i) {
        common["felhom/" names[i] ".hpp"]
    }
    print "rule precompile"
    print "  command = $compile -fpch-instantiate-templates -x c++-header $in -MD -MF $out.d -o $out"
    print "  depfile = $out.d"
    print "  deps = gcc"
    print "rule check"
    print "  command = $compile $behind -fsyntax-only -x c++ /dev/null -MD -MF $out.d -MT $out && touch $out"
    print "  depfile = $out.d"
    print "  deps = gcc"
}

function visit(header, from, parts, included, at) {
    if ((from, header) in sees) {
        return
    }
    sees[from, header]
    ++sees_count[from]
    included = split(includes[header], parts, " ")
    for (at = 1; at <= included; ++at) {
        visit(parts[at], from)
    }
}

# The precompiled header of which this one includes the most; "" for none.
function behind(header, best, each) {
    best = ""
    for (each in common) {
        if ((header, each) in sees && sees_count[each] > sees_count[best]) {
            best = each
        }
    }
    return best
}

# The chain of headers that this one may lead: behind the same precompiled header, and led by one that includes it. Of
# several the one whose leader sees the least, so that the others stay free for larger headers; 0 for none.
function chain_of(header, best, at) {
    best = 0
    for (at = 1; at <= chain_count; ++at) {
        if (chain_behind[at] == behind_of[header] && (leader[at], header) in sees &&
            (best == 0 || sees_count[leader[at]] < sees_count[leader[best]])) {
            best = at
        }
    }
    return best
}

NF == 2 {
    includes[$1] = includes[$1] " " $2
    next
}

{
    headers[++header_count] = $1
}

END {
    for (i = 1; i <= header_count; ++i) {
        visit(headers[i], headers[i])
        if (sees_count[headers[i]] > most) {
            most = sees_count[headers[i]]
        }
    }
    for (each in common) {
        print "build " each ".pch: precompile $headers/" each
    }
    # From the headers that see the most to those that see the least.
    for (size = most; size >= 1; --size) {
        for (i = 1; i <= header_count; ++i) {
            header = headers[i]
            if (header in common || sees_count[header] != size) {
                continue
            }
            behind_of[header] = behind(header)
            at = chain_of(header)
            if (at == 0) {
                at = ++chain_count
                chain_behind[at] = behind_of[header]
            }
            leader[at] = header
            chain[at] = " -include $headers/" header chain[at]
        }
    }
    for (at = 1; at <= chain_count; ++at) {
        pch = chain_behind[at] == "" ? "" : chain_behind[at] ".pch"
        print "build chain-" at ".checked: check" (pch == "" ? "" : " | " pch)
        print "  behind =" (pch == "" ? "" : " -include-pch " pch) chain[at]
    }
}
