//! The grammar of awk. Must never evaluate.

use super::lex::{Failure, Kind, Token};
use super::tree::{Expr, Function, Program, Rule, Statement, Target};

/// Nested expressions and statements.
const MAX_DEPTH: usize = 120;

type Parsed<T> = Result<T, Failure>;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Inside `print` without parentheses `>` is a redirection; inside `for (` an `in` is the loop's.
    no_greater: bool,
    no_in: bool,
}

/// Parses a program.
pub fn parse(tokens: Vec<Token>) -> Parsed<Program> {
    let mut parser = Parser { tokens, at: 0, depth: 0, no_greater: false, no_in: false };
    let waits = parser.tokens.iter().any(|token| match &token.kind {
        Kind::Word("getline") => true,
        Kind::Call(name) | Kind::Name(name) => name == "system",
        _ => false,
    });
    let mut program = Program { waits, ..Program::default() };
    loop {
        parser.skip();
        match parser.peek().clone() {
            Kind::End => return Ok(program),
            Kind::Word("BEGIN") => {
                parser.at += 1;
                let body = parser.block()?;
                program.begin.push(body);
            }
            Kind::Word("END") => {
                parser.at += 1;
                let body = parser.block()?;
                program.end.push(body);
            }
            Kind::Word("function") => {
                parser.at += 1;
                let (name, function) = parser.function()?;
                program.functions.insert(name, function);
            }
            Kind::Word("{") => {
                let body = parser.block()?;
                program.rules.push(Rule { from: None, to: None, body: Some(body) });
            }
            _ => {
                let from = Some(parser.expr()?);
                let to = if parser.accept(",") {
                    parser.newlines();
                    Some(parser.expr()?)
                } else {
                    None
                };
                let body = if parser.is("{") { Some(parser.block()?) } else { None };
                program.rules.push(Rule { from, to, body });
            }
        }
    }
}

impl Parser {
    fn peek(&self) -> &Kind {
        self.tokens.get(self.at).map_or(&Kind::End, |t| &t.kind)
    }

    fn is(&self, word: &str) -> bool {
        matches!(self.peek(), Kind::Word(w) if *w == word)
    }

    fn accept(&mut self, word: &str) -> bool {
        let hit = self.is(word);
        self.at += usize::from(hit);
        hit
    }

    fn expect(&mut self, word: &str) -> Parsed<()> {
        if self.accept(word) { Ok(()) } else { Err(self.fail()) }
    }

    fn fail(&self) -> Failure {
        let line = self.tokens.get(self.at).map_or(1, |t| t.line);
        let near = match self.peek() {
            Kind::Number(n) => n.to_string(),
            Kind::Text(text) => format!("\"{text}\""),
            Kind::Regex(text) => format!("/{text}/"),
            Kind::Name(name) | Kind::Call(name) => name.clone(),
            Kind::Word(word) => (*word).to_owned(),
            Kind::Newline => "end of line".to_owned(),
            Kind::End => "end of file".to_owned(),
        };
        Failure { line, near }
    }

    fn newlines(&mut self) {
        while matches!(self.peek(), Kind::Newline) {
            self.at += 1;
        }
    }

    fn skip(&mut self) {
        while matches!(self.peek(), Kind::Newline | Kind::Word(";")) {
            self.at += 1;
        }
    }

    fn function(&mut self) -> Parsed<(String, Function)> {
        let (Kind::Name(name) | Kind::Call(name)) = self.peek().clone() else { return Err(self.fail()) };
        self.at += 1;
        self.expect("(")?;
        let mut parameters = Vec::new();
        while let Kind::Name(parameter) = self.peek().clone() {
            self.at += 1;
            parameters.push(parameter);
            if !self.accept(",") {
                break;
            }
        }
        self.expect(")")?;
        self.newlines();
        let body = self.block()?;
        Ok((name, Function { parameters, body }))
    }

    fn block(&mut self) -> Parsed<Vec<Statement>> {
        self.expect("{")?;
        let mut out = Vec::new();
        loop {
            self.skip();
            if self.accept("}") {
                return Ok(out);
            }
            out.push(self.statement()?);
        }
    }

    /// The body of a loop or branch.
    fn body(&mut self) -> Parsed<Vec<Statement>> {
        self.newlines();
        if self.accept(";") {
            return Ok(Vec::new());
        }
        if self.is("{") { self.block() } else { Ok(vec![self.statement()?]) }
    }

    fn end_of_statement(&mut self) -> Parsed<()> {
        match self.peek() {
            Kind::Newline | Kind::Word(";") => {
                self.at += 1;
                Ok(())
            }
            Kind::Word("}") | Kind::End => Ok(()),
            _ => Err(self.fail()),
        }
    }

    fn statement(&mut self) -> Parsed<Statement> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail());
        }
        let statement = self.statement_inner();
        self.depth -= 1;
        statement
    }

    fn statement_inner(&mut self) -> Parsed<Statement> {
        let word = match self.peek() {
            Kind::Word(word) => *word,
            _ => "",
        };
        match word {
            "{" => return Ok(Statement::Block(self.block()?)),
            "if" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                let then = self.body()?;
                let mark = self.at;
                self.skip();
                let other = if self.accept("else") {
                    self.body()?
                } else {
                    self.at = mark;
                    Vec::new()
                };
                return Ok(Statement::If(condition, then, other));
            }
            "while" => {
                self.at += 1;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                return Ok(Statement::While(condition, self.body()?));
            }
            "do" => {
                self.at += 1;
                let body = self.body()?;
                self.skip();
                self.expect("while")?;
                self.expect("(")?;
                let condition = self.expr()?;
                self.expect(")")?;
                return Ok(Statement::Do(body, condition));
            }
            "for" => return self.for_loop(),
            _ => {}
        }
        let statement = self.simple()?;
        self.end_of_statement()?;
        Ok(statement)
    }

    fn for_loop(&mut self) -> Parsed<Statement> {
        self.at += 1;
        self.expect("(")?;
        if let (Kind::Name(name), Some(Kind::Word("in")), Some(Kind::Name(array)), Some(Kind::Word(")"))) = (
            self.peek().clone(),
            self.tokens.get(self.at + 1).map(|t| t.kind.clone()),
            self.tokens.get(self.at + 2).map(|t| t.kind.clone()),
            self.tokens.get(self.at + 3).map(|t| t.kind.clone()),
        ) {
            self.at += 4;
            return Ok(Statement::ForIn(name, array, self.body()?));
        }
        let first = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        self.newlines();
        let condition = if self.is(";") { None } else { Some(self.expr()?) };
        self.expect(";")?;
        self.newlines();
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Statement::For(first, condition, step, self.body()?))
    }

    fn simple(&mut self) -> Parsed<Statement> {
        let word = match self.peek() {
            Kind::Word(word) => *word,
            _ => return Ok(Statement::Expr(self.expr()?)),
        };
        let ends =
            |parser: &Parser| matches!(parser.peek(), Kind::Newline | Kind::End | Kind::Word(";" | "}"));
        match word {
            "print" | "printf" => {
                self.at += 1;
                let (items, target) = self.print_list()?;
                Ok(if word == "print" {
                    Statement::Print(items, target)
                } else {
                    Statement::Printf(items, target)
                })
            }
            "break" | "continue" | "next" => {
                self.at += 1;
                Ok(match word {
                    "break" => Statement::Break,
                    "continue" => Statement::Continue,
                    _ => Statement::Next,
                })
            }
            "exit" | "return" => {
                self.at += 1;
                let value = if ends(self) { None } else { Some(self.expr()?) };
                Ok(if word == "exit" { Statement::Exit(value) } else { Statement::Return(value) })
            }
            "delete" => {
                self.at += 1;
                let Kind::Name(name) = self.peek().clone() else { return Err(self.fail()) };
                self.at += 1;
                let index = if self.accept("[") { self.list("]")? } else { Vec::new() };
                Ok(Statement::Delete(name, index))
            }
            _ => Ok(Statement::Expr(self.expr()?)),
        }
    }

    fn print_list(&mut self) -> Parsed<(Vec<Expr>, Option<Target>)> {
        let mut items = Vec::new();
        let before = std::mem::replace(&mut self.no_greater, true);
        if !matches!(self.peek(), Kind::Newline | Kind::End | Kind::Word(";" | "}" | ">" | ">>" | "|")) {
            items.push(self.expr()?);
            while self.accept(",") {
                self.newlines();
                items.push(self.expr()?);
            }
        }
        // `print (a, b)` is a list in parentheses.
        if let [Expr::Group(_)] = items.as_slice()
            && let Some(Expr::Group(inner)) = items.pop()
        {
            items = inner;
        }
        let target = if self.accept(">") {
            Some(Target::File(self.concat()?))
        } else if self.accept(">>") {
            Some(Target::Append(self.concat()?))
        } else if self.accept("|") {
            Some(Target::Pipe(self.concat()?))
        } else {
            None
        };
        self.no_greater = before;
        Ok((items, target))
    }

    fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
        let (greater, inside) = (std::mem::take(&mut self.no_greater), std::mem::take(&mut self.no_in));
        let mut out = Vec::new();
        self.newlines();
        while !self.is(end) {
            out.push(self.expr()?);
            self.newlines();
            if !self.accept(",") {
                break;
            }
            self.newlines();
        }
        (self.no_greater, self.no_in) = (greater, inside);
        self.expect(end)?;
        Ok(out)
    }

    fn expr(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail());
        }
        let expr = self.ternary();
        self.depth -= 1;
        expr
    }

    fn ternary(&mut self) -> Parsed<Expr> {
        let condition = self.or()?;
        if self.accept("?") {
            self.newlines();
            let then = self.expr()?;
            self.newlines();
            self.expect(":")?;
            self.newlines();
            let other = self.expr()?;
            return Ok(Expr::Cond(Box::new(condition), Box::new(then), Box::new(other)));
        }
        if matches!(condition, Expr::Var(_) | Expr::Element(..) | Expr::Field(_)) {
            for operator in ["=", "+=", "-=", "*=", "/=", "%=", "^="] {
                if self.accept(operator) {
                    self.newlines();
                    let value = self.expr()?;
                    return Ok(Expr::Assign(Box::new(condition), operator, Box::new(value)));
                }
            }
        }
        Ok(condition)
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut left = self.and()?;
        while self.accept("||") {
            self.newlines();
            left = Expr::Binary("||", Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.membership()?;
        while self.accept("&&") {
            self.newlines();
            left = Expr::Binary("&&", Box::new(left), Box::new(self.membership()?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Parsed<Expr> {
        let mut left = self.matching()?;
        while !self.no_in && self.accept("in") {
            let Kind::Name(array) = self.peek().clone() else { return Err(self.fail()) };
            self.at += 1;
            let index = match left {
                Expr::Group(items) => items,
                other => vec![other],
            };
            left = Expr::In(index, array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Parsed<Expr> {
        let mut left = self.comparison()?;
        loop {
            let negated = match self.peek() {
                Kind::Word("~") => false,
                Kind::Word("!~") => true,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Match(negated, Box::new(left), Box::new(self.comparison()?));
        }
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let left = self.concat()?;
        for operator in ["<=", ">=", "==", "!=", "<", ">"] {
            if operator == ">" && self.no_greater {
                continue;
            }
            if self.accept(operator) {
                return Ok(Expr::Binary(operator, Box::new(left), Box::new(self.concat()?)));
            }
        }
        Ok(left)
    }

    fn concat(&mut self) -> Parsed<Expr> {
        let mut left = self.sum()?;
        while matches!(
            self.peek(),
            Kind::Number(_)
                | Kind::Text(_)
                | Kind::Name(_)
                | Kind::Call(_)
                | Kind::Word("$" | "!" | "(" | "-" | "++" | "--")
        ) {
            left = Expr::Concat(Box::new(left), Box::new(self.sum()?));
        }
        let reads = |token: Option<&Token>| token.is_some_and(|t| matches!(t.kind, Kind::Word("getline")));
        while self.is("|") && reads(self.tokens.get(self.at + 1)) {
            self.at += 2;
            left = Expr::CommandLine(self.line_target()?, Box::new(left));
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Kind::Word(operator @ ("+" | "-")) => *operator,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Parsed<Expr> {
        let mut left = self.unary()?;
        loop {
            let operator = match self.peek() {
                Kind::Word(operator @ ("*" | "/" | "%")) => *operator,
                _ => return Ok(left),
            };
            self.at += 1;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fail());
        }
        let result = if self.accept("!") {
            self.unary().map(|e| Expr::Not(Box::new(e)))
        } else if self.accept("-") {
            self.unary().map(|e| Expr::Negative(Box::new(e)))
        } else if self.accept("+") {
            self.unary().map(|e| Expr::Positive(Box::new(e)))
        } else {
            self.power()
        };
        self.depth -= 1;
        result
    }

    fn power(&mut self) -> Parsed<Expr> {
        let base = self.postfix()?;
        if self.accept("^") {
            let exponent = self.unary()?;
            return Ok(Expr::Binary("^", Box::new(base), Box::new(exponent)));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Parsed<Expr> {
        let by = match self.peek() {
            Kind::Word("++") => Some(1.0),
            Kind::Word("--") => Some(-1.0),
            _ => None,
        };
        if let Some(by) = by {
            self.at += 1;
            let target = self.postfix()?;
            return Ok(Expr::Step(true, by, Box::new(target)));
        }
        let expr = self.primary()?;
        if matches!(expr, Expr::Var(_) | Expr::Element(..) | Expr::Field(_)) {
            if self.accept("++") {
                return Ok(Expr::Step(false, 1.0, Box::new(expr)));
            }
            if self.accept("--") {
                return Ok(Expr::Step(false, -1.0, Box::new(expr)));
            }
        }
        Ok(expr)
    }

    /// Where `getline` puts a line, if not into the record.
    fn line_target(&mut self) -> Parsed<Option<Box<Expr>>> {
        Ok(match self.peek() {
            Kind::Name(_) | Kind::Word("$") => Some(Box::new(self.primary()?)),
            _ => None,
        })
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let kind = self.peek().clone();
        self.at += 1;
        Ok(match kind {
            Kind::Number(n) => Expr::Number(n),
            Kind::Text(text) => Expr::Text(text),
            Kind::Regex(text) => Expr::Regex(text),
            Kind::Word("$") => Expr::Field(Box::new(self.postfix()?)),
            Kind::Word("(") => {
                let mut items = self.list(")")?;
                match items.len() {
                    1 => match items.pop() {
                        Some(one) => Expr::Cond(
                            Box::new(Expr::Number(1.0)),
                            Box::new(one),
                            Box::new(Expr::Number(0.0)),
                        ),
                        None => return Err(self.fail()),
                    },
                    _ => Expr::Group(items),
                }
            }
            Kind::Word("getline") => {
                let variable = self.line_target()?;
                let file = if self.accept("<") { Some(Box::new(self.primary()?)) } else { None };
                Expr::Getline(variable, file)
            }
            Kind::Call(name) => {
                self.expect("(")?;
                Expr::Call(name, self.list(")")?)
            }
            Kind::Name(name) if name == "length" => Expr::Call(name, Vec::new()),
            Kind::Name(name) => {
                if self.accept("[") {
                    Expr::Element(name, self.list("]")?)
                } else {
                    Expr::Var(name)
                }
            }
            _ => {
                self.at -= 1;
                return Err(self.fail());
            }
        })
    }
}
