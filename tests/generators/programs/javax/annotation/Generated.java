package javax.annotation;

/** What generated code is marked with; Java 11 and later lack it, and a library brings it. */
public @interface Generated {
  String[] value();

  String date() default "";

  String comments() default "";
}
