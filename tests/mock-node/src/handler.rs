//! Handlers of all types in one form: JSON in, JSON out.
//!
//! A handler is prepared first, which reads its payload, and run then: whether a failure came
//! before or after the handler was reached decides whether its answer is remembered.

use std::sync::Arc;

use ancp_core::Json;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, Stream, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;
use crate::context::{ActionContext, TaskContext};
use crate::task::TaskHandle;

type Outcome = Result<Json, Failure>;
type Prepared<T> = Result<T, Failure>;

pub(crate) type Run = BoxFuture<'static, Outcome>;
pub(crate) type Items = BoxStream<'static, Outcome>;

/// A registered handler.
#[derive(Clone)]
pub(crate) enum Handler {
    Invoke(Arc<dyn Fn(ActionContext) -> Prepared<Run> + Send + Sync>),
    Fire(Arc<dyn Fn(ActionContext) -> Prepared<Run> + Send + Sync>),
    Stream(Arc<dyn Fn(ActionContext) -> Prepared<Items> + Send + Sync>),
    Task(Arc<dyn Fn(ActionContext, TaskHandle) -> Prepared<Run> + Send + Sync>),
}

impl Handler {
    pub(crate) fn invoke<I, O, F, Fut>(handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize,
        F: Fn(ActionContext<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Failure>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        Self::Invoke(Arc::new(move |context| {
            let context = context.typed::<I>()?;
            let handler = handler.clone();
            // Called within the future, where a panic is caught.
            Ok(async move { to_json(handler(context).await) }.boxed())
        }))
    }

    pub(crate) fn fire<I, F, Fut>(handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        F: Fn(ActionContext<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        Self::Fire(Arc::new(move |context| {
            let context = context.typed::<I>()?;
            let handler = handler.clone();
            Ok(async move { handler(context).await.map(|()| Json::null()) }.boxed())
        }))
    }

    pub(crate) fn stream<I, O, F, S>(handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize,
        F: Fn(ActionContext<I>) -> S + Send + Sync + 'static,
        S: Stream<Item = Result<O, Failure>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        Self::Stream(Arc::new(move |context| {
            let context = context.typed::<I>()?;
            let handler = handler.clone();
            let items = async move { handler(context).map(to_json) };
            Ok(items.flatten_stream().boxed())
        }))
    }

    pub(crate) fn task<I, O, F, Fut>(handler: F) -> Self
    where
        I: DeserializeOwned + Send + 'static,
        O: Serialize,
        F: Fn(TaskContext<I>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O, Failure>> + Send + 'static,
    {
        let handler = Arc::new(handler);
        Self::Task(Arc::new(move |context, task| {
            let ActionContext { payload, call } = context.typed::<I>()?;
            let context = TaskContext {
                payload,
                call,
                task,
            };
            let handler = handler.clone();
            Ok(async move { to_json(handler(context).await) }.boxed())
        }))
    }
}

fn to_json<O: Serialize>(result: Result<O, Failure>) -> Outcome {
    Ok(Json::from_value(&result?)?)
}
