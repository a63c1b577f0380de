// SPDX-License-Identifier: Apache-2.0
// A plugin for clang-tidy. Its matchers would walk all that a source includes, and drop what they find there; with this
// they begin at what stands in the project's own files. clangd hands them its main file the same way.

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclBase.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Frontend/FrontendPluginRegistry.h>
#include <llvm/ADT/StringRef.h>

#include <memory>
#include <string>
#include <vector>

namespace {

class own_code final : public clang::ASTConsumer {
public:
    void HandleTranslationUnit(clang::ASTContext& context) override
    {
        const auto& sources = context.getSourceManager();
        auto own = std::vector<clang::Decl*>{};
        for (auto* const declared : context.getTranslationUnitDecl()->decls()) {
            const auto place = declared->getLocation();
            if (place.isValid() && !sources.isInSystemHeader(place)) {
                own.push_back(declared);
            }
        }
        context.setTraversalScope(own);
    }
};

class before_the_checks final : public clang::PluginASTAction {
    auto CreateASTConsumer(clang::CompilerInstance& /*compiler*/, llvm::StringRef /*file*/)
        -> std::unique_ptr<clang::ASTConsumer> override
    {
        return std::make_unique<own_code>();
    }

    auto ParseArgs(const clang::CompilerInstance& /*compiler*/, const std::vector<std::string>& /*options*/)
        -> bool override
    {
        return true;
    }

    auto getActionType() -> ActionType override { return AddBeforeMainAction; }
};

const auto registered =
    clang::FrontendPluginRegistry::Add<before_the_checks>{"own-code", "walk the project's own code"};

} // namespace
