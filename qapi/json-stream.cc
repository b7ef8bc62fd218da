// SPDX-License-Identifier: GPL-2.0-or-later
//
// The lexer works byte by byte and counts brackets; when they balance, the tokens kept so far are
// parsed as one value. So a mistake in the grammar is told at the end of the value, and what
// follows is read afresh. A client may force this state with a byte 0xff, which no text holds.
#include "qapi/json-stream.h"

#include "qapi/json-parser.h"

namespace qapi {

namespace {

enum class State {
    start,
    recovery,
    double_quoted,
    double_quoted_escape,
    single_quoted,
    single_quoted_escape,
    minus,
    zero,
    digits,
    point,
    fraction,
    exponent,
    exponent_sign,
    exponent_digits,
    keyword,
};

bool structural(unsigned char c) {
    return std::string_view("{}[]:,").find(char(c)) < 6;
}
bool digit(unsigned char c) {
    return c >= '0' && c <= '9';
}
bool space(unsigned char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
/// Neither a control character nor one of the two bytes that no UTF-8 text holds.
bool ordinary(unsigned char c) {
    return c >= 0x20 && c < 0xfe;
}

}  // namespace

class JsonStream::Lexer {
public:
    explicit Lexer(std::function<void(Result<Json>)> receiver) : receiver_(std::move(receiver)) {}

    void byte(unsigned char c) {
        switch (state_) {
            case State::start: return begin(c);
            case State::recovery:
                if (structural(c) || (!ordinary(c) && c != '\t')) {
                    state_ = State::start;
                    begin(c);
                }
                return;
            case State::double_quoted: return in_string(c, '"', State::double_quoted_escape);
            case State::single_quoted: return in_string(c, '\'', State::single_quoted_escape);
            case State::double_quoted_escape:
                return ordinary(c) ? take(c, State::double_quoted) : stray(c);
            case State::single_quoted_escape:
                return ordinary(c) ? take(c, State::single_quoted) : stray(c);
            case State::minus:
                if (c == '0') return take(c, State::zero);
                return digit(c) ? take(c, State::digits) : stray(c);
            case State::zero:
                if (digit(c)) return stray(c);
                return after_integer(c);
            case State::digits: return digit(c) ? take(c, State::digits) : after_integer(c);
            case State::point: return digit(c) ? take(c, State::fraction) : stray(c);
            case State::fraction:
                if (digit(c)) return take(c, State::fraction);
                if (c == 'e' || c == 'E') return take(c, State::exponent);
                return token_then(Token::Kind::number, c);
            case State::exponent:
                if (c == '+' || c == '-') return take(c, State::exponent_sign);
                [[fallthrough]];
            case State::exponent_sign: return digit(c) ? take(c, State::exponent_digits) : stray(c);
            case State::exponent_digits:
                if (digit(c)) return take(c, State::exponent_digits);
                return token_then(Token::Kind::number, c);
            case State::keyword:
                if (c >= 'a' && c <= 'z') return take(c, State::keyword);
                return token_then(Token::Kind::keyword, c);
        }
    }

    void finish() {
        // White space ends a number or a keyword and changes nothing else but an open string.
        const bool in_text = state_ == State::double_quoted || state_ == State::single_quoted;
        if (!in_text) byte('\n');
        if (in_text || !tokens_.empty()) parse();
        tokens_.clear();
        token_.clear();
        state_ = State::start;
    }

    bool idle() const {
        return tokens_.empty() && (state_ == State::start || state_ == State::recovery);
    }

private:
    void begin(unsigned char c) {
        if (space(c)) return;
        if (structural(c)) {
            token_ = char(c);
            return token(Token::Kind::punctuation);
        }
        if (c == '"') return take(c, State::double_quoted);
        if (c == '\'') return take(c, State::single_quoted);
        if (c == '-') return take(c, State::minus);
        if (c == '0') return take(c, State::zero);
        if (digit(c)) return take(c, State::digits);
        if (c >= 'a' && c <= 'z') return take(c, State::keyword);
        stray(c);
    }

    void in_string(unsigned char c, char quote, State escape) {
        if (!ordinary(c)) return stray(c);
        if (c == '\\') return take(c, escape);
        token_ += char(c);
        if (c == quote) return token(Token::Kind::string);
        bound();
    }

    void after_integer(unsigned char c) {
        if (c == '.') return take(c, State::point);
        if (c == 'e' || c == 'E') return take(c, State::exponent);
        token_then(Token::Kind::integer, c);
    }

    void take(unsigned char c, State next) {
        token_ += char(c);
        state_ = next;
        bound();
    }

    /// A token that never ends must not grow without end either.
    void bound() {
        if (token_.size() <= max_token_bytes) return;
        give_up(fail("JSON token size limit exceeded"));
        state_ = State::recovery;
    }

    void token_then(Token::Kind kind, unsigned char c) {
        token(kind);
        begin(c);
    }

    void stray(unsigned char c) {
        token_ += char(c);
        give_up(fail("JSON parse error, stray '{}'", token_.c_str()));
        state_ = State::recovery;
    }

    void token(Token::Kind kind) {
        state_ = State::start;
        if (kind == Token::Kind::punctuation) {
            const char c = token_[0];
            braces_ += (c == '{') - (c == '}');
            brackets_ += (c == '[') - (c == ']');
        }
        if (text_.size() + tokens_.size() + token_.size() + 1 > max_token_bytes) {
            return give_up(fail("JSON token size limit exceeded"));
        }
        if (tokens_.size() + 1 > max_tokens) {
            return give_up(fail("JSON token count limit exceeded"));
        }
        if (braces_ + brackets_ > max_nesting) {
            return give_up(fail("JSON nesting depth limit exceeded"));
        }
        tokens_.push_back({kind, std::uint32_t(text_.size()), std::uint32_t(token_.size())});
        text_ += token_;
        token_.clear();
        if (braces_ >= 0 && brackets_ >= 0 && braces_ + brackets_ > 0) return;
        parse();
    }

    void parse() { give_up(parse_json(text_, tokens_)); }

    void give_up(Result<Json> result) {
        tokens_.clear();
        text_.clear();
        token_.clear();
        if (tokens_.capacity() > kept_tokens) tokens_.shrink_to_fit();
        if (text_.capacity() > kept_bytes) text_.shrink_to_fit();
        if (token_.capacity() > kept_bytes) token_.shrink_to_fit();
        braces_ = brackets_ = 0;
        receiver_(std::move(result));
    }

    static constexpr std::size_t kept_tokens = 4096;
    static constexpr std::size_t kept_bytes = 65536;

    std::function<void(Result<Json>)> receiver_;
    State state_ = State::start;
    std::string token_;          // being read
    std::string text_;           // of the tokens kept
    std::vector<Token> tokens_;  // of the value being read
    int braces_ = 0;
    int brackets_ = 0;
};

JsonStream::JsonStream(std::function<void(Result<Json>)> receiver)
    : lexer_(std::make_unique<Lexer>(std::move(receiver))) {}
JsonStream::~JsonStream() = default;

void JsonStream::feed(std::string_view bytes) {
    for (char c : bytes)
        lexer_->byte(static_cast<unsigned char>(c));
}

void JsonStream::finish() {
    lexer_->finish();
}
bool JsonStream::idle() const {
    return lexer_->idle();
}

}  // namespace qapi
