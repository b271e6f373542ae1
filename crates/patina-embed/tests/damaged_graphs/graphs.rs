//! Changes of what surrounds the operators: what a graph declares, by which version of the operators, graphs within graphs
//! and functions.

use super::support::damage::Random;
use super::tree::{Field, Kind, Message, Value};
use super::{DOMAINS, any, any_value, integer};

/// Inputs and outputs of the graph, and what it says of values between: another name, type of numbers or size.
pub fn declaration(model: &mut Message, random: &mut Random) -> Option<String> {
    let other = any_value(model, random)?;
    let declared = any(model, random, Kind::ValueInfo)?;
    let name = declared.text(1);
    Some(match random.below(4) {
        0 => {
            declared.set(Field::text(1, &other));
            format!("{name:?} is declared as {other:?}")
        }
        1 => {
            let to = ["", "last_hidden_state", "sentence_embedding", "input_ids", "position_ids", "x"][random.below(6)];
            declared.set(Field::text(1, to));
            format!("{name:?} is declared as {to:?}")
        }
        2 => {
            let kind = if random.below(4) == 0 { integer(random) } else { random.below(27) as i64 };
            any(declared, random, Kind::TensorType)?.set(Field::integer(1, kind));
            format!("{name:?} is declared with numbers of type {kind}")
        }
        _ => {
            let size = integer(random);
            let dimension = any(declared, random, Kind::Dimension)?;
            dimension.fields.clear();
            dimension.set(Field::integer(1, size));
            format!("{name:?} is declared with a size of {size}")
        }
    })
}

pub fn version(model: &mut Message, random: &mut Random) -> Option<String> {
    if random.below(4) == 0 {
        let version = integer(random);
        model.set(Field::integer(1, version));
        return Some(format!("the format is of version {version}"));
    }
    let set = any(model, random, Kind::OperatorSet)?;
    let version = if random.below(2) == 0 { integer(random) } else { random.below(30) as i64 };
    set.set(Field::integer(2, version));
    if random.below(4) == 0 {
        set.set(Field::text(1, DOMAINS[random.below(DOMAINS.len())]));
    }
    Some(format!("operators of {:?} are of version {version}", set.text(1)))
}

/// A node with the graph, or some of it, as its branch.
pub fn branch(model: &mut Message, random: &mut Random) -> Option<String> {
    let mut graph = any(model, random, Kind::Graph)?.clone();
    let keep = random.below(graph.fields.len() + 1);
    graph.fields.truncate(keep);
    let node = any(model, random, Kind::Node)?;
    let from = node.text(4);
    let operator = ["If", "Loop", "Scan"][random.below(3)];
    node.set(Field::text(4, operator));
    for name in if operator == "If" { &["then_branch", "else_branch"][..] } else { &["body"] } {
        let fields = vec![Field::text(1, name), Field::new(6, Value::Message(graph.clone())), Field::integer(20, 5)];
        node.fields.push(Field::new(5, Value::Message(Message::new(Kind::Attribute, fields))));
    }
    Some(format!("{from} {:?} is {operator} over {keep} fields of the graph", node.text(3)))
}

/// A function of the model's own, which a node calls, and which may call itself.
pub fn function(model: &mut Message, random: &mut Random) -> Option<String> {
    let recursive = random.below(2) == 0;
    let caller = any(model, random, Kind::Node)?;
    let from = caller.text(4);
    let mut inner = caller.clone();
    caller.set(Field::text(4, "Own"));
    caller.set(Field::text(7, "own"));
    if recursive {
        inner = caller.clone();
    }
    let mut fields = vec![Field::text(1, "Own"), Field::text(10, "own")];
    // Inputs are field 4 of a function and outputs field 5, where a node has them in 1 and 2.
    for field in inner.fields.iter().filter(|field| matches!(field.number, 1 | 2)) {
        fields.push(Field::new(field.number + 3, field.value.clone()));
    }
    fields.push(Field::new(7, Value::Message(inner)));
    let sets: Vec<Field> = [("", 17), ("own", 1)]
        .into_iter()
        .map(|(domain, version)| vec![Field::text(1, domain), Field::integer(2, version)])
        .map(|fields| Field::new(9, Value::Message(Message::new(Kind::OperatorSet, fields))))
        .collect();
    let own = sets[1].value.clone();
    fields.extend(sets);
    model.fields.push(Field::new(8, own));
    model.fields.push(Field::new(25, Value::Message(Message::new(Kind::Function, fields))));
    Some(format!("{from} is a function{}", if recursive { " that calls itself" } else { "" }))
}
