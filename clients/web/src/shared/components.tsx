/** All small parts; a page that has no forms takes only `parts`. */
export * from "./fields";
export * from "./parts";
