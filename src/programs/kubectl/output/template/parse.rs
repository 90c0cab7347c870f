//! Tokens into nodes, with Go's messages. Unknown functions and variables are errors here, as in Go.

use super::lex::{self, Piece, Token, error, pieces};
use super::{DEPTH_LIMIT, Dialect, Go, Named, Node, Operand, Pipeline, Placed, functions};
use serde_json::Value;

/// The nodes of a text, and the templates that it defines.
pub fn parse(text: &str, dialect: Option<&dyn Dialect>) -> Result<(Vec<Node>, Named), String> {
    let pieces = pieces(text)?;
    let mut parser = Parser {
        pieces: &pieces,
        at: 0,
        variables: vec!["$".into()],
        loops: 0,
        depth: 0,
        line: 1,
        dialect,
        named: Named::new(),
    };
    let (nodes, end) = parser.block()?;
    match end {
        End::Eof => Ok((nodes, parser.named)),
        End::End => Err(error(parser.line, "unexpected {{end}}")),
        End::Else(_) => Err(error(parser.line, "unexpected {{else}}")),
    }
}

#[allow(clippy::enum_variant_names, reason = "`{{end}}` is the action's name")]
enum End {
    Eof,
    End,
    /// The tokens after `else`.
    Else(Vec<lex::Placed>),
}

struct Parser<'a> {
    pieces: &'a [Piece],
    at: usize,
    variables: Vec<String>,
    loops: usize,
    depth: usize,
    line: usize,
    dialect: Option<&'a dyn Dialect>,
    named: Named,
}

impl Parser<'_> {
    fn block(&mut self) -> Result<(Vec<Node>, End), String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(error(self.line, "template: too many nested blocks"));
        }
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.get(self.at) {
            self.at += 1;
            let (line, tokens) = match piece {
                Piece::Text(text) => {
                    nodes.push(Node::Text(text.clone()));
                    continue;
                }
                Piece::Action(line, tokens) => (*line, tokens),
            };
            self.line = line;
            let keyword = match tokens.first() {
                Some((Token::Word(word), _)) => word.as_str(),
                _ => "",
            };
            match keyword {
                "end" => {
                    self.depth -= 1;
                    return Ok((nodes, End::End));
                }
                "else" => {
                    self.depth -= 1;
                    return Ok((nodes, End::Else(tokens[1..].to_vec())));
                }
                "if" | "with" | "range" => nodes.push(self.control(keyword, &tokens[1..])?),
                "break" | "continue" if self.loops == 0 => {
                    return Err(error(line, &format!("{{{{{keyword}}}}} outside {{{{range}}}}")));
                }
                "break" => nodes.push(Node::Break),
                "continue" => nodes.push(Node::Continue),
                "define" if self.depth > 1 => return Err(error(line, "unexpected {{define}}")),
                "define" => {
                    self.definition("define", &tokens[1..])?;
                }
                "template" | "block" => nodes.push(self.call(keyword, &tokens[1..])?),
                _ => nodes.push(Node::Action(self.pipeline(tokens)?)),
            }
        }
        self.depth -= 1;
        Ok((nodes, End::Eof))
    }

    /// The name that comes first in such an action.
    fn name<'t>(
        &self,
        keyword: &str,
        tokens: &'t [lex::Placed],
    ) -> Result<(String, &'t [lex::Placed]), String> {
        match tokens.split_first() {
            Some(((Token::Text(name), _), rest)) => Ok((name.clone(), rest)),
            Some(((other, _), _)) => {
                let shown = other.shown();
                Err(error(self.line, &format!("unexpected {shown:?} in {keyword} clause")))
            }
            None => Err(error(self.line, &format!("unexpected \"}}}}\" in {keyword} clause"))),
        }
    }

    /// `{{define "name"}}` and `{{block "name" …}}` up to their end; a template has variables of its own.
    fn definition<'t>(
        &mut self,
        keyword: &str,
        tokens: &'t [lex::Placed],
    ) -> Result<(String, &'t [lex::Placed]), String> {
        let (name, rest) = self.name(keyword, tokens)?;
        let outer = std::mem::replace(&mut self.variables, vec!["$".into()]);
        let loops = std::mem::take(&mut self.loops);
        let (body, end) = self.block()?;
        if !matches!(end, End::End) {
            return Err(error(self.line, "unexpected EOF"));
        }
        (self.variables, self.loops) = (outer, loops);
        self.named.insert(name.clone(), body);
        Ok((name, rest))
    }

    fn call(&mut self, keyword: &str, tokens: &[lex::Placed]) -> Result<Node, String> {
        let (_, rest) = self.name(keyword, tokens)?;
        let dot = if rest.is_empty() { None } else { Some(self.pipeline(rest)?) };
        let (name, _) = match keyword {
            "block" => self.definition(keyword, tokens)?,
            _ => self.name(keyword, tokens)?,
        };
        Ok(Node::Call(name, dot))
    }

    fn control(&mut self, keyword: &str, tokens: &[lex::Placed]) -> Result<Node, String> {
        let scope = self.variables.len();
        let pipeline = self.pipeline(tokens)?;
        self.loops += usize::from(keyword == "range");
        let (body, mut end) = self.block()?;
        self.loops -= usize::from(keyword == "range");
        let mut otherwise = Vec::new();
        if let End::Else(tokens) = end {
            match tokens.first() {
                Some((Token::Word(word), _)) if word == "if" || word == "with" => {
                    otherwise.push(self.control(word, &tokens[1..])?);
                    end = End::End;
                }
                _ => (otherwise, end) = self.block()?,
            }
        }
        if !matches!(end, End::End) {
            return Err(error(self.line, "unexpected EOF"));
        }
        self.variables.truncate(scope);
        Ok(match keyword {
            "if" => Node::If(pipeline, body, otherwise),
            "with" => Node::With(pipeline, body, otherwise),
            _ => Node::Range(pipeline, body, otherwise),
        })
    }

    fn pipeline(&mut self, tokens: &[lex::Placed]) -> Result<Pipeline, String> {
        let mut pipeline = Pipeline::default();
        let mut rest = tokens;
        let assign = tokens.iter().take(4).position(|(token, _)| matches!(token, Token::Char(':' | '=')));
        if let Some(at) = assign {
            for (token, _) in &tokens[..at] {
                match token {
                    Token::Variable(name, fields) if fields.is_empty() => {
                        pipeline.variables.push(name.clone())
                    }
                    Token::Char(',') => {}
                    other => return Err(error(self.line, &format!("unexpected {other:?} in declaration"))),
                }
            }
            pipeline.declare = tokens[at].0 == Token::Char(':');
            rest = &tokens[at + 1..];
        }
        let mut at = 0;
        pipeline.commands = self.commands(rest, &mut at)?;
        if at < rest.len() {
            return Err(error(self.line, "unexpected right paren"));
        }
        if pipeline.declare {
            self.variables.extend(pipeline.variables.iter().cloned());
        }
        Ok(pipeline)
    }

    fn commands(&mut self, tokens: &[lex::Placed], at: &mut usize) -> Result<Vec<Vec<Placed>>, String> {
        self.depth += 1;
        if self.depth > DEPTH_LIMIT {
            return Err(error(self.line, "too many nested parentheses"));
        }
        let mut commands = Vec::new();
        let mut current: Vec<Placed> = Vec::new();
        while let Some((token, place)) = tokens.get(*at) {
            match token {
                Token::Char(')') => break,
                Token::Char('|') => commands.push(std::mem::take(&mut current)),
                Token::Char('(') => {
                    *at += 1;
                    let inner = self.commands(tokens, at)?;
                    if tokens.get(*at).map(|(token, _)| token) != Some(&Token::Char(')')) {
                        return Err(error(self.line, "unclosed left paren"));
                    }
                    let (chain, place) = match tokens.get(*at + 1) {
                        Some((Token::Chain(fields), place)) => (fields.clone(), *place),
                        _ => (Vec::new(), *place),
                    };
                    *at += usize::from(!chain.is_empty());
                    let inner = Box::new(Pipeline { commands: inner, ..Pipeline::default() });
                    current.push((Operand::Group(inner, chain), place));
                }
                other => current.push((self.operand(other)?, *place)),
            }
            *at += 1;
        }
        commands.push(current);
        if commands.iter().any(Vec::is_empty) {
            return Err(error(self.line, "missing value for command"));
        }
        self.depth -= 1;
        Ok(commands)
    }

    fn operand(&self, token: &Token) -> Result<Operand, String> {
        Ok(match token {
            Token::Field(fields) if fields.is_empty() => Operand::Dot,
            Token::Field(fields) | Token::Chain(fields) => Operand::Field(fields.clone()),
            Token::Variable(name, fields) if self.variables.contains(name) => {
                Operand::Variable(name.clone(), fields.clone())
            }
            Token::Variable(name, _) => {
                return Err(error(self.line, &format!("undefined variable {name:?}")));
            }
            Token::Word(word) => match word.as_str() {
                "true" => Operand::Literal(Go::Json(Value::Bool(true))),
                "false" => Operand::Literal(Go::Json(Value::Bool(false))),
                "nil" => Operand::Nil,
                name if functions::NAMES.contains(&name) || self.dialect.is_some_and(|d| d.has(name)) => {
                    Operand::Function(name.to_string())
                }
                name => return Err(error(self.line, &format!("function {name:?} not defined"))),
            },
            Token::Text(text) => Operand::Literal(Go::Json(Value::String(text.clone()))),
            Token::Int(number) => Operand::Literal(Go::Int(*number)),
            Token::Float(number) => Operand::Literal(Go::Json(Value::from(*number))),
            Token::Char(c) => {
                return Err(error(self.line, &format!("unexpected {:?} in operand", c.to_string())));
            }
        })
    }
}
