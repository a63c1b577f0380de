#pragma once

#include <felhom/net/response.hpp>
#include <felhom/operate/procedure.hpp>
#include <felhom/proxmox/question.hpp>

#include <utility>
#include <vector>

namespace felhom::operate {

/// Sends a question, and reads its answer.
template <typename T>
[[nodiscard]] auto ask(proxmox::question<T> asked) -> procedure<proxmox::answered<T>>
{
    const auto answer = co_await send{asked.request};
    co_return asked.understand(answer);
}

/// Sends questions one after the other, and reads their answers.
template <typename... Part>
[[nodiscard]] auto ask(proxmox::questions<Part...> all) -> procedure<typename proxmox::questions<Part...>::answers>
{
    auto answers = std::vector<net::exchanged>{};
    auto requests = all.requests();
    for (auto& request : requests) {
        auto answer = co_await send{std::move(request)};
        answers.push_back(std::move(answer));
    }
    co_return all.understand(answers);
}

} // namespace felhom::operate
