#pragma once

#include <felhom/operate/effect.hpp>

#include <coroutine>
#include <cstdlib>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace felhom::operate {

template <typename T>
class procedure;

namespace detail {

template <typename... Effects>
auto answers_of(const std::variant<Effects...>&) -> std::variant<typename Effects::answer...>;

/// What passes between the innermost procedure, which asks, and whoever drives the outermost.
struct conversation {
    /// One alternative for each effect, in the same order: two effects may have answers of one type.
    using reply = decltype(answers_of(std::declval<effect>()));

    std::optional<effect> asked;
    std::optional<reply> told;
    std::coroutine_handle<> innermost;
};

/// Where a variant holds an alternative.
template <typename Wanted, typename... All>
[[nodiscard]] consteval auto place_of(std::type_identity<std::variant<All...>> /*variant*/) -> std::size_t
{
    auto place = std::size_t{0};
    static_cast<void>(((std::is_same_v<Wanted, All> ? true : (++place, false)) || ...));
    return place;
}

template <typename Effect>
inline constexpr auto effect_place = place_of<Effect>(std::type_identity<effect>{});

/// Suspends the procedure until its effect was performed.
template <typename Effect>
class effect_awaiter {
public:
    effect_awaiter(conversation& with, Effect wanted) : with_{&with}, wanted_{std::move(wanted)} {}

    [[nodiscard]] auto await_ready() const noexcept -> bool { return false; }
    void await_suspend(std::coroutine_handle<> asking)
    {
        with_->asked.emplace(std::move(wanted_));
        with_->innermost = asking;
    }
    [[nodiscard]] auto await_resume() -> typename Effect::answer
    {
        auto answer = std::move(*std::get_if<effect_place<Effect>>(&*with_->told));
        with_->told.reset();
        return answer;
    }

private:
    conversation* with_;
    Effect wanted_;
};

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
        requires(effect_place<Effect> < std::variant_size_v<effect>)
    [[nodiscard]] auto await_transform(Effect wanted) -> effect_awaiter<Effect>
    {
        return {*with_, std::move(wanted)};
    }

    template <typename U>
    [[nodiscard]] auto await_transform(procedure<U>&& called)
    {
        return std::move(called).called_by(*with_);
    }

    void belongs_to(conversation& with) { with_ = &with; }
    void called_from(std::coroutine_handle<> caller) { caller_ = caller; }

private:
    conversation* with_ = nullptr;
    std::coroutine_handle<> caller_ = std::noop_coroutine();
};

} // namespace detail

/// A piece of work that reads like a plain function and does nothing itself: at each `co_await` of an effect it stops
/// and says what it needs, and whoever drives it performs that and steps it on. The same procedure so runs over HTTPS
/// and files, or in a simulated world in which any step may be the last. Dropping one that has not ended leaves the
/// world as a crash at that point would.
///
/// Coroutine parameters are taken by value: a reference would outlive its call.
template <typename T>
class [[nodiscard]] procedure {
public:
    class promise_type : public detail::promise_base {
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
    [[nodiscard]] auto pending() -> const effect*
    {
        if (!with_) {
            begin();
        }
        return with_->asked ? &*with_->asked : nullptr;
    }

    /// Performs what is pending and runs on to the next effect, or to the end. `perform` takes every effect and gives
    /// its answer.
    template <typename Perform>
    void step(const Perform& perform)
    {
        const auto* const asked = pending();
        if (asked == nullptr) {
            return;
        }
        std::visit(
            [&]<typename Effect>(const Effect& wanted) {
                auto answer = typename Effect::answer{perform(wanted)};
                with_->told.emplace(std::in_place_index<detail::effect_place<Effect>>, std::move(answer));
            },
            *asked);
        with_->asked.reset();
        with_->innermost.resume();
    }

    /// What it returned. Only once nothing is pending.
    [[nodiscard]] auto result() && -> T { return *std::move(self_.promise().result_); }

private:
    friend class detail::promise_base;

    explicit procedure(std::coroutine_handle<promise_type> self) : self_{self} {}

    void begin()
    {
        with_ = std::make_unique<detail::conversation>();
        self_.promise().belongs_to(*with_);
        self_.resume();
    }

    /// Runs this procedure as a part of another.
    class call {
    public:
        call(procedure&& called, detail::conversation& with) : called_{std::move(called)}, with_{&with} {}

        [[nodiscard]] auto await_ready() const noexcept -> bool { return false; }
        [[nodiscard]] auto await_suspend(std::coroutine_handle<> caller) -> std::coroutine_handle<>
        {
            called_.self_.promise().belongs_to(*with_);
            called_.self_.promise().called_from(caller);
            return called_.self_;
        }
        [[nodiscard]] auto await_resume() -> T { return std::move(called_).result(); }

    private:
        procedure called_;
        detail::conversation* with_;
    };

    [[nodiscard]] auto called_by(detail::conversation& with) && -> call { return {std::move(*this), with}; }

    std::coroutine_handle<promise_type> self_;
    std::unique_ptr<detail::conversation> with_;
};

} // namespace felhom::operate
