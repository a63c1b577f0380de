#include "agent/engine/signed_ops.hpp"

#include <felhom/core/json/writer.hpp>
#include <felhom/operate/submit.hpp>

#include <optional>
#include <utility>

namespace felhom::agent {

namespace {

/// The answers and the files that they let go.
class answering {
public:
    explicit answering(io::drop_box& box) : box_{box} {}

    /// About an operation that somebody signed, as far as is known.
    void answer(operate::signed_result result, const sha256_digest& blob, const std::vector<std::string>& sources)
    {
        if (result.blob != blob || !operate::bars_another_judgement(result)) {
            answer_unproven(std::move(result), sources);
        } else {
            write(std::move(result), operate::result_name(blob), sources);
        }
    }

    /// What says nothing about the next time that the same is brought.
    void answer_unproven(operate::signed_result result, const std::vector<std::string>& sources)
    {
        auto name = operate::unproven_result_name(result.blob);
        write(std::move(result), name, sources);
        any_unproven_ = true;
    }

    /// Whether nothing more is to be done: there is a result that was given before, or it is not known whether there is
    /// one, and a first result stays.
    [[nodiscard]] auto is_settled(const sha256_digest& blob, const std::vector<std::string>& sources) -> bool
    {
        const auto text = box_.stored_result(operate::result_name(blob));
        if (!text && may_pass(text.error())) {
            keep(describe(text.error()));
            return true;
        }
        auto stored = text ? operate::parse_signed_result(*text) : tl::unexpected(json_error{});
        if (!stored || !operate::bars_another_judgement(*stored)) {
            return false;
        }
        let_go(sources);
        report_.answers.push_back(*std::move(stored));
        return true;
    }

    /// About what was taken and could not be read: it stays for the next time, or is its owner's again.
    void answer_unread(const std::string& source, const io::file_error& error)
    {
        if (may_pass(error)) {
            keep(describe(error));
            return;
        }
        const auto back = box_.put_back(source);
        report_.troubles.push_back(describe(error)
                                   + (back ? "; it was put back as " + *back : "; " + describe(back.error())));
    }

    void keep(const std::string& why) { report_.troubles.push_back(why + "; it is kept, and tried again"); }

    void trouble(const io::file_error& error) { report_.troubles.push_back(describe(error)); }

    void let_go(const std::vector<std::string>& sources)
    {
        for (const auto& source : sources) {
            if (const auto gone = box_.discard(source); !gone) {
                report_.troubles.push_back(describe(gone.error()));
            }
        }
    }

    [[nodiscard]] auto report() && -> intake_report
    {
        if (any_unproven_) {
            if (const auto kept = box_.keep_newest_results(operate::unproven, operate::most_unproven); !kept) {
                trouble(kept.error());
            }
        }
        return std::move(report_);
    }

private:
    /// A result is durable before the bundle that it answers is gone.
    void write(operate::signed_result result, const std::string& name, const std::vector<std::string>& sources)
    {
        if (result.is_final()) {
            const auto text = json_text(to_json(result));
            if (const auto written = box_.write_result(name, text); !written) {
                trouble(written.error());
                return;
            }
            let_go(sources);
        }
        report_.answers.push_back(std::move(result));
    }

    io::drop_box& box_;
    intake_report report_;
    bool any_unproven_ = false;
};

} // namespace

auto take_in(const operation_io& in, const operate::operating_rules& rules, io::drop_box& box,
             const std::optional<sha256_digest>& only) -> tl::expected<intake_report, io::file_error>
{
    auto refused = std::vector<std::pair<std::string, io::file_error>>{};
    const auto files = box.take(bundle_ending, refused);
    if (!files) {
        return tl::unexpected(files.error());
    }
    auto answers = answering{box};
    for (const auto& [name, error] : refused) {
        answers.answer_unread(name, error);
    }
    auto brought = std::vector<operate::submitted_bundle>{};
    for (const auto& file : *files) {
        brought.push_back({.source = file.name, .text = file.text});
    }
    auto sorted = operate::gather(brought, in.in.now());
    for (auto& bundle : sorted.unreadable) {
        answers.answer_unproven(std::move(bundle.answer), {bundle.source});
    }
    auto fresh = std::vector<operate::signature_set>{};
    auto places = std::vector<std::pair<sha256_digest, std::vector<std::string>>>{};
    for (const auto& source : sorted.undecided) {
        answers.keep(source + ": SHA-256 is not available");
    }
    for (auto& signature_set : sorted.signature_sets) {
        const auto is_meant = !only || signature_set.blob == *only;
        if (is_meant && !answers.is_settled(signature_set.blob, signature_set.sources)) {
            fresh.push_back(std::move(signature_set.submitted));
            places.emplace_back(signature_set.blob, std::move(signature_set.sources));
        }
    }
    auto place = places.begin();
    auto results = run(in, operate::submit(std::move(fresh), rules));
    for (auto& result : results) {
        if (result) {
            answers.answer(*std::move(result), place->first, place->second);
        }
        ++place;
    }
    return std::move(answers).report();
}

} // namespace felhom::agent
