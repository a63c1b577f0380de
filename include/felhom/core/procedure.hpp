// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace felhom {

template <typename Effects, typename T>
class procedure;

namespace detail {

template <typename Effects, typename... More>
struct effects_joined;
template <typename... Effect, typename... More>
struct effects_joined<std::variant<Effect...>, More...> {
    using type = std::variant<Effect..., More...>;
};

template <typename One, typename Effects>
inline constexpr auto is_one_of = false;
template <typename One, typename... Effect>
inline constexpr auto is_one_of<One, std::variant<Effect...>> = (std::is_same_v<One, Effect> || ...);

template <typename Some, typename Effects>
inline constexpr auto are_among = false;
template <typename... Effect, typename Effects>
inline constexpr auto are_among<std::variant<Effect...>, Effects> = (is_one_of<Effect, Effects> && ...);

/// What passes between the innermost procedure, which asks, and whoever drives the outermost.
template <typename Effects>
struct conversation {
    std::optional<Effects> asked;
    void* answer = nullptr; ///< where it goes: a std::optional of the answer to what is asked
    std::coroutine_handle<> innermost;
    /// Asks the procedure that called one of fewer effects; null where both have the same.
    void (*pass_on)(conversation& what) = nullptr;
    void* caller = nullptr; ///< the caller's conversation
};

/// Hands what was asked to the conversation of a caller, which has more effects.
template <typename Effects, typename Callers>
void pass_on_to_caller(conversation<Effects>& what)
{
    auto& to = *static_cast<conversation<Callers>*>(what.caller);
    const auto pass = [&to](auto& wanted) {
        to.asked.emplace(std::in_place_type<std::remove_reference_t<decltype(wanted)>>, std::move(wanted));
    };
    std::visit(pass, *what.asked);
    what.asked.reset();
    to.answer = what.answer;
    to.innermost = what.innermost;
    if (to.pass_on != nullptr) {
        to.pass_on(to);
    }
}

/// Suspends the procedure until its effect was performed.
template <typename Effects, typename Effect>
class effect_awaiter {
public:
    effect_awaiter(conversation<Effects>& with, Effect wanted) : with_{&with}, wanted_{std::move(wanted)} {}

    [[nodiscard]] auto await_ready() const noexcept -> bool { return false; }
    void await_suspend(std::coroutine_handle<> asking)
    {
        with_->asked.emplace(std::in_place_type<Effect>, std::move(wanted_));
        with_->answer = &answer_;
        with_->innermost = asking;
        if (with_->pass_on != nullptr) {
            with_->pass_on(*with_);
        }
    }
    [[nodiscard]] auto await_resume() -> typename Effect::answer { return *std::move(answer_); }

private:
    conversation<Effects>* with_;
    Effect wanted_;
    std::optional<typename Effect::answer> answer_;
};

template <typename Effects>
class promise_base {
public:
    // NOLINTBEGIN(readability-convert-member-functions-to-static): coroutines call them on the promise
    [[nodiscard]] auto initial_suspend() const noexcept -> std::suspend_always { return {}; }

    struct back_to_caller {
        [[nodiscard]] auto await_ready() const noexcept -> bool { return false; }
        template <typename Promise>
        [[nodiscard]] auto await_suspend(std::coroutine_handle<Promise> ended) const noexcept -> std::coroutine_handle<>
        {
            return ended.promise().caller_;
        }
        void await_resume() const noexcept {}
    };
    [[nodiscard]] auto final_suspend() const noexcept -> back_to_caller { return {}; }

    // The core throws nothing, and without memory there is no going on.
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    // NOLINTEND(readability-convert-member-functions-to-static)

    template <typename Effect>
        requires is_one_of<Effect, Effects>
    [[nodiscard]] auto await_transform(Effect wanted) -> effect_awaiter<Effects, Effect>
    {
        return {*with_, std::move(wanted)};
    }

    template <typename Fewer, typename U>
        requires are_among<Fewer, Effects>
    [[nodiscard]] auto await_transform(procedure<Fewer, U>&& called)
    {
        return std::move(called).called_by(*with_);
    }

    void belongs_to(conversation<Effects>& with) { with_ = &with; }
    void called_from(std::coroutine_handle<> caller) { caller_ = caller; }

private:
    conversation<Effects>* with_ = nullptr;
    std::coroutine_handle<> caller_ = std::noop_coroutine();
};

} // namespace detail

/// A set of effects, and more.
template <typename Effects, typename... More>
using effects_with = detail::effects_joined<Effects, More...>::type;

/// A piece of work that reads like a plain function and does nothing itself: at each `co_await` of an effect it stops
/// and says what it needs, and whoever drives it performs that and steps it on. The same procedure so runs over HTTPS
/// and files, or in a simulated world in which any step may be the last. Dropping one that has not ended leaves the
/// world as a crash at that point would.
///
/// `Effects` is a std::variant of all that it may ask for, each with the type of its `answer`. It may await a procedure
/// that asks for no more than itself.
///
/// Coroutine parameters are taken by value: a reference would outlive its call.
template <typename Effects, typename T>
class [[nodiscard]] procedure {
public:
    class promise_type : public detail::promise_base<Effects> {
    public:
        [[nodiscard]] auto get_return_object() -> procedure
        {
            return procedure{std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        void return_value(T result) { result_.emplace(std::move(result)); }

    private:
        friend class procedure;
        std::optional<T> result_;
    };

    procedure(const procedure&) = delete;
    auto operator=(const procedure&) -> procedure& = delete;
    procedure(procedure&& other) noexcept : self_{std::exchange(other.self_, {})}, with_{std::move(other.with_)} {}
    auto operator=(procedure&& other) noexcept -> procedure&
    {
        std::swap(self_, other.self_);
        std::swap(with_, other.with_);
        return *this;
    }
    ~procedure()
    {
        if (self_) {
            self_.destroy();
        }
    }

    /// What it needs before it can go on; null once it has ended. The first call begins it.
    [[nodiscard]] auto pending() -> const Effects*
    {
        if (!with_) {
            join(nullptr);
            self_.resume();
        }
        return with_->asked ? &*with_->asked : nullptr;
    }

    /// Performs what is pending and runs on to the next effect, or to the end. `perform` takes every effect, which it
    /// may use up, and gives its answer.
    template <typename Perform>
    void step(const Perform& perform)
    {
        if (pending() == nullptr) {
            return;
        }
        auto& with = *with_;
        const auto answer = [&](auto& wanted) {
            using answer_type = typename std::remove_reference_t<decltype(wanted)>::answer;
            auto made = answer_type{perform(std::move(wanted))};
            static_cast<std::optional<answer_type>*>(with.answer)->emplace(std::move(made));
        };
        std::visit(answer, *with.asked);
        with.asked.reset();
        with.innermost.resume();
    }

    /// What it returned. Only once nothing is pending.
    [[nodiscard]] auto result() && -> T { return *std::move(self_.promise().result_); }

private:
    template <typename Callers>
    friend class detail::promise_base;

    explicit procedure(std::coroutine_handle<promise_type> self) : self_{self} {}

    /// Gives it a conversation of its own.
    void join(void* caller)
    {
        with_ = std::make_unique<detail::conversation<Effects>>();
        with_->caller = caller;
        self_.promise().belongs_to(*with_);
    }

    /// Runs this procedure as a part of another, which may have more effects.
    template <typename Callers>
    class call {
    public:
        call(procedure&& called, detail::conversation<Callers>& with) : called_{std::move(called)}, with_{&with} {}

        [[nodiscard]] auto await_ready() const noexcept -> bool { return false; }
        [[nodiscard]] auto await_suspend(std::coroutine_handle<> caller) -> std::coroutine_handle<>
        {
            if constexpr (std::is_same_v<Callers, Effects>) {
                called_.self_.promise().belongs_to(*with_);
            } else {
                called_.join(with_);
                called_.with_->pass_on = &detail::pass_on_to_caller<Effects, Callers>;
            }
            called_.self_.promise().called_from(caller);
            return called_.self_;
        }
        [[nodiscard]] auto await_resume() -> T { return std::move(called_).result(); }

    private:
        procedure called_;
        detail::conversation<Callers>* with_;
    };

    template <typename Callers>
    [[nodiscard]] auto called_by(detail::conversation<Callers>& with) && -> call<Callers>
    {
        return {std::move(*this), with};
    }

    std::coroutine_handle<promise_type> self_;
    std::unique_ptr<detail::conversation<Effects>> with_;
};

} // namespace felhom
